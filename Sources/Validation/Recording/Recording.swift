import FileSupport
import ModelGraph

/// Arrays that a model was given and gave: those of ``Recorder``, or any `.npy` files that somebody has saved in a folder.
public struct Recording {
  /// Whose value an array is.
  enum Subject: Equatable {
    /// An input, by its place.
    case input(Int)
    /// An output, by its place.
    case output(Int)
    /// A layer, or an input, by its name or by the name of the file.
    case named(String)
  }

  /// An array.
  struct Entry {
    let file: String
    /// The first of these that the model has.
    let subjects: [Subject]
  }

  /// The folder.
  public let path: String
  /// In the order of the index, or of the names of the files.
  let entries: [Entry]
  /// Whose names the index has; without an index the names of the files tell what they are.
  let vocabulary: RecordingIndex.Vocabulary?

  /// Whether an index says what the arrays are.
  var hasIndex: Bool { vocabulary != nil }

  /// Lists a folder.
  ///
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` for a broken index, or a folder without arrays.
  public init(path: String) throws(ModelFileError) {
    self.path = path
    let names = try FolderNames.all(in: path)
    if names.contains(RecordingIndex.fileName) {
      let index = try RecordingIndex(
        try InputFile(path: Self.path(RecordingIndex.fileName, in: path)))
      vocabulary = index.vocabulary
      entries = Self.entries(index)
    } else {
      vocabulary = nil
      entries = names.filter { $0.hasSuffix(".npy") }.map { name in
        let stem = String(name.dropLast(4))
        return Entry(file: name, subjects: [.named(stem)] + Self.places(stem))
      }
    }
    guard !entries.isEmpty else {
      throw ModelFileError(
        .damaged, file: path, "holds no recorded arrays", expected: ".npy files",
        found: "\(names.count.counted("other file"))",
        remedy: "record some: nnfmt validate MODEL --record \(path.escapedForTerminal)")
    }
  }

  private static func entries(_ index: RecordingIndex) -> [Entry] {
    var entries = index.inputs.enumerated().map {
      Entry(file: $1.file, subjects: [.input($0)])
    }
    entries += index.layers.map { layer in
      let place = index.outputs.firstIndex { $0.file == layer.file }
      return Entry(
        file: layer.file, subjects: [.named(layer.name)] + (place.map { [.output($0)] } ?? []))
    }
    for (place, output) in index.outputs.enumerated()
    where !entries.contains(where: { $0.file == output.file }) {
      entries.append(Entry(file: output.file, subjects: [.output(place)]))
    }
    return entries
  }

  /// `input`, `input_1`, `x`, `output_0`, `y`
  private static func places(_ stem: String) -> [Subject] {
    let parts = stem.split(separator: "_", maxSplits: 1)
    guard let word = parts.first, let place = parts.count == 1 ? 0 : Int(parts[1]), place >= 0
    else { return [] }
    return switch word.lowercased() {
    case "input", "x": [.input(place)]
    case "output", "y": [.output(place)]
    default: []
    }
  }

  /// The shapes of the recorded inputs, images with their channels where a model has them. Nothing but headers is read.
  ///
  /// - Parameter inputs: the model's inputs with their extents, open ones being `nil`; `nil` if nothing is known.
  /// - Throws: `ModelFileError` of kind `usage` if one is not recorded; that of a file.
  public func shapes(
    for inputs: [(name: String, extents: [Int?]?)]
  ) throws(ModelFileError) -> [Shape] {
    var shapes: [Shape] = []
    for (place, input) in inputs.enumerated() {
      let entry = entries.first {
        $0.subjects.contains(.named(input.name)) || $0.subjects.contains(.input(place))
      }
      guard let entry else { throw missingInput(place, input.name) }
      let shape = Shape(try array(entry).shape)
      guard let extents = input.extents, (try? shape.input(forExtents: extents)) == nil else {
        shapes.append(shape)
        continue
      }
      let relaid = SavedArray.orders(of: shape).first {
        (try? Shape($0.extents).input(forExtents: extents)) != nil
      }
      shapes.append(relaid.map { Shape($0.extents) } ?? shape)
    }
    return shapes
  }

  /// The error about an input that is neither recorded nor given.
  func missingInput(_ place: Int, _ name: String) -> ModelFileError {
    ModelFileError(
      .usage, file: path, "the recording lacks input '\(name.escapedForTerminal)'",
      expected: "input_\(place).npy", remedy: "put it there, or give it with --input X.npy")
  }

  /// Opens an array.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is none, or missing though the index names it.
  func array(_ entry: Entry) throws(ModelFileError) -> NpyFile {
    do {
      return try NpyFile(path: path(of: entry))
    } catch {
      guard error.kind == .unreadable else { throw error }
      throw ModelFileError(
        .damaged, file: path(of: entry),
        "is named by the index of the recording, but can't be read",
        cause: error.cause, remedy: "record again")
    }
  }

  func path(of entry: Entry) -> String { Self.path(entry.file, in: path) }

  private static func path(_ name: String, in folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}
