/// Names that a Keras finds, each with the keys that its constructor takes: a table of ``KerasNames2`` or
/// ``KerasNames3``, read.
struct NameTable: Sendable {
  /// What kind of value an option has by default.
  enum Kind: String, Sendable {
    case truth = "b"
    case wholeNumber = "i"
    case number = "f"
    case list = "l"
  }

  /// What a name stands for.
  struct Row: Sendable {
    /// The keys that are taken, and of some the kind of value.
    fileprivate(set) var keys: [String: Kind?] = [:]
    /// The keys that must be there.
    fileprivate(set) var required: [String] = []
    /// The arguments of a call by position, where the table tells them.
    fileprivate(set) var call: [String]?
    /// Those of ``call`` that a call can't do without.
    fileprivate(set) var requiredInCall: Set<String> = []
    /// Whether a call takes any further arguments.
    fileprivate(set) var takesAnyArguments = false
  }

  private let rows: [Substring: Row]

  /// Reads a table of rows `Name(key key:kind key!|argument argument)`.
  ///
  /// - Parameter common: what all rows take that don't say otherwise.
  init(_ text: String, common: String = "") {
    let common = common.split(whereSeparator: \.isWhitespace).map(String.init)
    var rows: [Substring: Row] = [:]
    for entry in text.split(separator: ")") {
      let parts = entry.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let name = parts[0].drop { $0.isWhitespace }
      rows[name] = Self.row(parts[1], common: common)
    }
    self.rows = rows
  }

  private static func row(_ text: Substring, common: [String]) -> Row {
    var row = Row()
    for key in common { row.keys[key] = .some(nil) }
    let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    let words = parts[0].split(whereSeparator: \.isWhitespace)
    if words.contains("-") { row.keys = [:] }
    for word in words where word != "-" {
      if word.hasPrefix("-") {
        row.keys[String(word.dropFirst())] = nil
        continue
      }
      let isRequired = word.hasSuffix("!")
      let halves = (isRequired ? word.dropLast() : word).split(separator: ":")
      let key = String(halves[0])
      row.keys[key] = .some(halves.count > 1 ? Kind(rawValue: String(halves[1])) : nil)
      if isRequired { row.required.append(key) }
    }
    guard parts.count > 1 else { return row }
    let arguments = parts[1].split(whereSeparator: \.isWhitespace)
    row.takesAnyArguments = arguments.contains("*")
    for argument in arguments where argument != "*" {
      let isRequired = argument.hasSuffix("!")
      let name = String(isRequired ? argument.dropLast() : argument)
      row.call = (row.call ?? []) + [name]
      if isRequired { row.requiredInCall.insert(name) }
    }
    row.call = row.call ?? []
    return row
  }

  /// All names.
  var names: Dictionary<Substring, Row>.Keys { rows.keys }

  /// What a name stands for, if it is known.
  subscript(name: String) -> Row? { rows[name[...]] }
}

/// All names of one generation.
struct KerasNames: Sendable {
  let layers: NameTable
  let initializers: NameTable
  let regularizers: NameTable
  let constraints: NameTable
  let activations: Set<Substring>
  /// The functions of Keras 3's `keras.ops`.
  let operations: NameTable
  /// Further public names of Keras 3's layers, each with the class in place of a key.
  let aliases: NameTable

  /// tf_keras.
  static let second = KerasNames(
    layers: NameTable(KerasNames2.layers, common: KerasNames2.common),
    initializers: NameTable(KerasNames2.initializers),
    regularizers: NameTable(KerasNames2.regularizers),
    constraints: NameTable(KerasNames2.constraints),
    activations: Set(KerasNames2.activations.split(whereSeparator: \.isWhitespace)),
    operations: NameTable(""), aliases: NameTable(""))

  /// Keras 3.
  static let third = KerasNames(
    layers: NameTable(KerasNames3.layers, common: KerasNames3.common),
    initializers: NameTable(KerasNames3.initializers),
    regularizers: NameTable(KerasNames3.regularizers),
    constraints: NameTable(KerasNames3.constraints),
    activations: Set(KerasNames3.activations.split(whereSeparator: \.isWhitespace)),
    operations: NameTable(KerasNames3.operations), aliases: NameTable(KerasNames3.aliases))

  /// The classes of functions, without their modules.
  private static let functions = Set(
    third.operations.names.compactMap { $0.split(separator: ".").last })

  /// Whether a class is a layer or function of either generation.
  static func isKnown(_ name: String) -> Bool {
    second.layers[name] != nil || third.layers[name] != nil || third.aliases[name] != nil
      || functions.contains(name[...])
  }
}
