import Darknet
import FileSupport

/// The pairs that `validate --manifest` checks, as a JSON file lists them (`spec/pipelines.md`).
public struct PairManifest: Sendable {
  /// A model and what it is held against.
  public struct Pair: Sendable, Equatable {
    /// What reports call it; no two pairs of a manifest have the same one.
    public let name: String
    /// The model, and what it is held against.
    public let subject: Validator.Subject
    /// How files are read, and on what models are run.
    public let options: Validator.Options
  }

  /// The pairs in the file's order.
  public let pairs: [Pair]

  private static let keys = [
    "reference", "candidate", "model", "expect", "name", "cfg", "dialect", "input", "seed",
    "allow_partial",
  ]

  /// Reads a manifest. Whether the files that it names are there shows when they are checked.
  ///
  /// - Parameters:
  ///   - path: the JSON file; paths in it are relative to its folder.
  ///   - defaults: what counts for pairs that don't say otherwise.
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` for what is no manifest, or has keys that mean nothing.
  public init(
    path: String, defaults: Validator.Options = Validator.Options()
  ) throws(ModelFileError) {
    let file = try InputFile(path: path)
    do throws(ModelFileError) {
      let bytes = try file.bytes(at: 0, count: Int(clamping: file.size))
      let document = try JSONParser.parse(
        bytes, allowsPythonNumbers: false, allowsDuplicateKeys: false)
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
      pairs = try Self.pairs(document, folder, defaults)
    } catch {
      throw error.inFile(path)
    }
  }

  private static func pairs(
    _ document: JSONValue, _ folder: String, _ defaults: Validator.Options
  ) throws(ModelFileError) -> [Pair] {
    if let members = document.object { try refuseUnknown(members, ["pairs"], at: []) }
    guard let elements = document.elements ?? document["pairs"]?.elements else {
      throw ModelFileError(
        .damaged, "is no manifest of pairs", expected: "{\"pairs\": [{\"reference\": …, …}, …]}")
    }
    guard !elements.isEmpty else {
      throw ModelFileError(
        .damaged, "the manifest has no pairs", remedy: "a check of nothing would always succeed")
    }
    var pairs: [Pair] = []
    var named: [String: Int] = [:]
    for (index, element) in elements.enumerated() {
      let pair = try pair(PairEntry(element, index: index, folder: folder), defaults)
      if let other = named.updateValue(index, forKey: pair.name) {
        throw ModelFileError(
          .damaged, at: [.path("pairs[\(index)]")],
          "has the name of pairs[\(other)]: '\(pair.name.escapedForTerminal)'",
          remedy: "give each pair a name of its own with \"name\"")
      }
      pairs.append(pair)
    }
    return pairs
  }

  private static func pair(
    _ entry: PairEntry, _ defaults: Validator.Options
  ) throws(ModelFileError) -> Pair {
    try refuseUnknown(entry.members, keys, at: [entry.place])
    let subject = try subject(entry)
    var options = defaults
    options.architecture = try entry.path("cfg") ?? defaults.architecture
    if let name = try entry.text("dialect") {
      guard let dialect = Dialect(rawValue: name) else {
        throw entry.wrong("dialect", Dialect.allCases.map(\.rawValue).joined(separator: ", "))
      }
      options.dialect = dialect
    }
    options.allowsPartial = try entry.truth("allow_partial") ?? defaults.allowsPartial
    options.inputs = try entry.texts("input").map(entry.inputPath)
    let seed = try entry.seed("seed")
    switch subject {
    case .model:
      if seed != nil, !options.inputs.isEmpty {
        throw entry.contradiction("has both 'input' and 'seed', but a seed is for made-up inputs")
      }
      options.seed = seed ?? (options.inputs.isEmpty ? defaults.seed : nil)
    case .values:
      if seed != nil {
        throw entry.contradiction("has both 'expect' and 'seed', but the recording has the input")
      }
      options.seed = nil
    case .health:
      if seed != nil || !options.inputs.isEmpty {
        throw entry.contradiction(
          "is a model alone, which is not run: '\(seed == nil ? "input" : "seed")' means nothing",
          remedy: "leave it out")
      }
      options.seed = nil
    }
    let name = try entry.text("name")
    let written = try entry.text(entry.members["model"] == nil ? "candidate" : "model")
    return Pair(name: name ?? written ?? subject.candidate, subject: subject, options: options)
  }

  /// What the keys that name files ask for.
  private static func subject(_ entry: PairEntry) throws(ModelFileError) -> Validator.Subject {
    let reference = try entry.path("reference")
    let candidate = try entry.path("candidate")
    let recording = try entry.path("expect")
    if let model = try entry.path("model") {
      if reference != nil || candidate != nil {
        throw entry.contradiction(
          "has both 'model' and '\(reference == nil ? "candidate" : "reference")'")
      }
      return recording.map { .values(model, recording: $0) } ?? .health(model)
    }
    if recording != nil {
      throw entry.contradiction(
        "has 'expect', but no 'model' to run", remedy: "name the model with \"model\"")
    }
    guard let reference, let candidate else {
      throw entry.contradiction(
        "lacks the key '\(reference == nil ? "reference" : "candidate")'",
        remedy: "name two models with \"reference\" and \"candidate\", or one with \"model\"")
    }
    return .model(candidate, reference: reference)
  }

  private static func refuseUnknown(
    _ members: JSONObject, _ known: [String], at places: [ModelFileError.Place]
  ) throws(ModelFileError) {
    guard let stray = members.keys.first(where: { !known.contains($0) }) else { return }
    throw ModelFileError(
      .damaged, at: places, "the key '\(stray.escapedForTerminal)' means nothing in a manifest",
      expected: known.joined(separator: ", "))
  }
}

/// An element of a manifest's `pairs`.
private struct PairEntry {
  let members: JSONObject
  let place: ModelFileError.Place
  private let folder: String

  init(_ element: JSONValue, index: Int, folder: String) throws(ModelFileError) {
    place = .path("pairs[\(index)]")
    self.folder = folder
    guard let members = element.object else {
      throw ModelFileError(.damaged, at: [place], "is no object")
    }
    self.members = members
  }

  /// The error about a key's value.
  func wrong(_ key: String, _ expected: String) -> ModelFileError {
    ModelFileError(
      .damaged, at: [place, .option(key)], "has a value that can't be used", expected: expected)
  }

  /// The error about keys that don't go together.
  func contradiction(_ problem: String, remedy: String? = nil) -> ModelFileError {
    ModelFileError(.damaged, at: [place], problem, remedy: remedy ?? "leave one of them out")
  }

  func text(_ key: String) throws(ModelFileError) -> String? {
    guard let value = members[key] else { return nil }
    guard let text = value.text, !text.isEmpty else { throw wrong(key, "a text") }
    return text
  }

  /// A text, or a list of them.
  func texts(_ key: String) throws(ModelFileError) -> [String] {
    guard let elements = members[key]?.elements else {
      return try text(key).map { [$0] } ?? []
    }
    let texts = elements.compactMap(\.text)
    guard texts.count == elements.count, !texts.contains("") else {
      throw wrong(key, "a text, or a list of texts")
    }
    return texts
  }

  func truth(_ key: String) throws(ModelFileError) -> Bool? {
    guard let value = members[key] else { return nil }
    guard let truth = value.truth else { throw wrong(key, "true or false") }
    return truth
  }

  func seed(_ key: String) throws(ModelFileError) -> UInt64? {
    switch members[key] {
    case nil: nil
    case .integer(let number) where number >= 0: UInt64(number)
    case .unsigned(let number): number
    default: throw wrong(key, "a whole number, 0 or more")
    }
  }

  /// A path as it is from where the command runs.
  func path(_ key: String) throws(ModelFileError) -> String? { try text(key).map(placed) }

  /// The same of `NAME=X.npy`.
  func inputPath(_ argument: String) -> String {
    let (name, file) = InputArrays.parts(of: argument)
    return (name.map { "\($0)=" } ?? "") + placed(file)
  }

  private func placed(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }
}
