import FileSupport

/// Hands out the typed options of one section and remembers which keys were asked for.
final class OptionReader {
  let section: ConfigSection
  let dialect: Dialect
  private let file: String
  private let index: Int?
  private var asked: Set<String> = []
  private(set) var warnings: [ModelWarning] = []
  /// What was asked for, by key.
  private var record: [String: LayerOption] = [:]
  /// The keys in the order in which they were asked for.
  private var order: [String] = []
  /// The error about the first value that was asked for and can't be gone on with.
  private var refusal: ModelFileError?

  /// - Parameter index: the layer's index, `nil` for `[net]`.
  init(_ section: ConfigSection, file: String, dialect: Dialect, index: Int?) {
    self.section = section
    self.file = file
    self.dialect = dialect
    self.index = index
  }

  /// The options of a section: the first is `[net]`, the others are the layers.
  ///
  /// - Precondition: there is such a section.
  convenience init(section position: Int, of config: ConfigFile, dialect: Dialect) {
    self.init(
      config.sections[position], file: config.path, dialect: dialect,
      index: position == 0 ? nil : position - 1)
  }

  /// The value of an option, or its default.
  subscript<Value>(_ option: Option<Value>) -> Value {
    if let value = value(of: option) { return value }
    let isKnown = option.dialects.contains(dialect)
    note(option.key, option.defaultValue.optionText, from: isKnown ? .absence : .dialect)
    return option.defaultValue
  }

  private func note(_ key: String, _ value: String?, from origin: LayerOption.Origin) {
    if record.updateValue(LayerOption(key: key, value: value, origin: origin), forKey: key) == nil {
      order.append(key)
    }
  }

  /// The options of the section as they were read, in the order in which the layer asked for them; then those that
  /// stand in the cfg and that nobody asked for.
  var options: [LayerOption] {
    var seen = Set(order)
    return order.compactMap { record[$0] }
      + section.entries.filter { seen.insert($0.key).inserted }.map {
        LayerOption(key: $0.key, value: $0.value, origin: .line($0.line), isUsed: false)
      }
  }

  /// The value of an option, `nil` if the key is missing or this dialect does not know it.
  func value<Value>(of option: Option<Value>) -> Value? {
    guard option.dialects.contains(dialect) else {
      note(option.key, nil, from: .dialect)
      return nil
    }
    let isFirstTime = asked.insert(option.key).inserted
    // The first of several counts: darknet's option_find stops there.
    guard let entry = section.entries.first(where: { $0.key == option.key }), !entry.value.isEmpty
    else {
      note(option.key, nil, from: .absence)
      return nil
    }
    let (value, isWhole) = Value.parse(entry.value[...])
    note(option.key, value.optionText, from: .line(entry.line))
    if let (kind, problem, expected) = value.refusal {
      // The default stands in until `finish`.
      refusal =
        refusal
        ?? error(
          kind, entry.key, problem, expected: expected,
          found: "\(entry.value.escapedForTerminal), which darknet reads as \(value)",
          remedy: "correct the number")
      return nil
    }
    if !isWhole, isFirstTime {
      warn(entry.line, "'\(entry.key)=\(entry.value.escapedForTerminal)' is read as \(value)")
    }
    return value
  }

  /// An option whose value must lie in a range that darknet silently relies on.
  func value(_ option: Option<Int>, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
    let value = self[option]
    guard range.contains(value) else {
      throw outOfRange(
        option, value, expected: "\(range.lowerBound) to \(range.upperBound)",
        isDefaultAllowed: range.contains(option.defaultValue))
    }
    return value
  }

  /// The error about a value that is out of range; it says which text was read so.
  func outOfRange(
    _ option: Option<Int>, _ value: Int, expected: String, isDefaultAllowed: Bool
  ) -> ModelFileError {
    let text = section.entries.first { $0.key == option.key }?.value
    let isWhole = text.map { Int.parse($0[...]).isWhole } ?? true
    let origin = isWhole ? "" : " (from '\(text?.escapedForTerminal ?? "")')"
    return error(
      .damaged, option.key, "is out of range", expected: expected, found: "\(value)\(origin)",
      remedy: "set it to a number in this range"
        + (isDefaultAllowed ? ", or leave it out for \(option.defaultValue)" : ""))
  }

  /// An error about an option of this section, or about the section itself.
  func error(
    _ kind: ModelFileError.Kind, _ key: String? = nil, line: Int? = nil, _ problem: String,
    expected: String? = nil, found: String? = nil, remedy: String? = nil
  ) -> ModelFileError {
    let line = line ?? section.entries.first { $0.key == key }?.line ?? section.line
    var places: [ModelFileError.Place] = [.line(line), place]
    if let key { places.append(.option(key)) }
    return ModelFileError(
      kind, file: file, at: places, problem, expected: expected, found: found, remedy: remedy)
  }

  /// The line of an option, if the section has it.
  func line(of key: String) -> Int? { section.entries.first { $0.key == key }?.line }

  /// The same error with the keys that are probably misspelt: an option that was not taken up may be why. What
  /// was wrong with a value that the default stood in for comes first.
  func blamingMisspellings(
    _ error: ModelFileError, known: [OptionDescription]
  ) -> ModelFileError {
    if let refusal { return refusal }
    let keys = known.filter { $0.dialects.contains(dialect) }.map(\.key)
    let hints = section.entries.filter { !keys.contains($0.key) }.compactMap { entry in
      Spelling.nearest(to: entry.key, among: keys).map {
        "'\(entry.key.escapedForTerminal)' in line \(entry.line) is no option here: did you mean '\($0)'?"
      }
    }
    guard !hints.isEmpty else { return error }
    var explained = error
    explained.remedy = (hints + [error.remedy].compactMap(\.self)).joined(separator: "; or ")
    return explained
  }

  /// Notes something that darknet lets pass.
  func warn(_ line: Int? = nil, _ message: String) {
    warnings.append(
      ModelWarning(file: file, at: [.line(line ?? section.line), place], message))
  }

  /// Warns of keys that nobody asked for and of keys given twice.
  ///
  /// - Throws: `ModelFileError` about a value that can't be gone on with, and where the dialect takes a key given
  ///   twice for an error.
  func finish(known: [OptionDescription]) throws(ModelFileError) {
    if let refusal { throw refusal }
    let known = asked.union(
      known.filter { $0.dialects.contains(dialect) }.map(\.key))
    var seen: Set<String> = []
    for entry in section.entries {
      let shown = entry.key.escapedForTerminal
      if !seen.insert(entry.key).inserted {
        if dialect.refusesDuplicateKeys {
          throw error(
            .damaged, entry.key, line: entry.line, "is given twice",
            remedy: "remove one, or read it with --dialect alexeyab")
        }
        warn(entry.line, "'\(shown)' is given twice; the first counts")
      } else if !known.contains(entry.key), !entry.value.isEmpty {
        // The parser has warned of a line without a value.
        let near = Spelling.nearest(to: entry.key, among: known.sorted())
        warn(
          entry.line,
          "'\(shown)' is no option that \(dialect.rawValue)'s darknet knows here"
            + (near.map { "; did you mean '\($0)'?" } ?? ""))
      }
    }
  }

  private var place: ModelFileError.Place {
    index.map { .layer(index: $0, type: section.name) } ?? .path("[\(section.name)]")
  }
}
