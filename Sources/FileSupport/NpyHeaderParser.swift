/// Reads the one form of Python literal that a `.npy` header may have: a dictionary of the three keys
/// `descr`, `fortran_order` and `shape`, in any order.
struct NpyHeaderParser {
  /// What the header says.
  struct Fields {
    let numberType: NpyNumberType
    let isFortranOrder: Bool
    let shape: [Int]
  }

  private let text: [UInt8]
  /// Where the text stands in the file, for messages.
  private let offset: Int
  private var position = 0

  init(text: [UInt8], offset: Int) {
    self.text = text
    self.offset = offset
  }

  /// Reads the whole text.
  ///
  /// - Throws: ``ModelFileError`` with the byte: `damaged`, or `unsupported` for numbers of a kind that
  ///   no model takes.
  mutating func parse() throws(ModelFileError) -> Fields {
    var numberType: NpyNumberType?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !takes("}") {
      let start = position
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where numberType == nil: numberType = try descriptor()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw error(
          "has a key that does not belong there",
          expected: "'descr', 'fortran_order' and 'shape', once each",
          found: "'\(key.escapedForTerminal)'", at: start)
      }
      if !takes(",") {
        try expect("}")
        break
      }
    }
    skipBlanks()
    guard position == text.count else {
      throw error("has more than a dictionary", expected: "blanks and a line feed")
    }
    guard let numberType, let isFortranOrder, let shape else {
      throw error(
        "lacks a key", expected: "'descr', 'fortran_order' and 'shape'", at: 0)
    }
    return Fields(numberType: numberType, isFortranOrder: isFortranOrder, shape: shape)
  }

  // MARK: Values

  private mutating func descriptor() throws(ModelFileError) -> NpyNumberType {
    skipBlanks()
    let start = position
    let isText = current == UInt8(ascii: "'") || current == UInt8(ascii: "\"")
    let name = isText ? try string() : "several fields"
    guard isText, let type = NpyNumberType(name) else {
      throw ModelFileError(
        .unsupported, at: [place(start)], "holds values that are no plain numbers",
        expected: "bool, or integers or floats of 8 to 64 bits: '<f4'",
        found: isText ? "'\(name.escapedForTerminal)'" : name,
        remedy: "save it with numpy.save(path, array.astype('float32'))")
    }
    return type
  }

  private mutating func boolean() throws(ModelFileError) -> Bool {
    if takes("True") { return true }
    if takes("False") { return false }
    throw error("has an order that is neither", expected: "True or False")
  }

  private mutating func tuple() throws(ModelFileError) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !takes(")") {
      extents.append(try integer())
      if takes(",") { continue }
      // `(3)` is a number in Python, not a shape.
      guard extents.count > 1 else {
        throw error("has a shape that is no tuple", expected: "',' behind a single extent")
      }
      try expect(")")
      break
    }
    return extents
  }

  private mutating func integer() throws(ModelFileError) -> Int {
    skipBlanks()
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      position += 1
    }
    guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
      throw error(
        "has an extent that is no size", expected: "a number from 0 to \(Int.max)", at: start)
    }
    // Python 2 wrote long integers with a letter behind them.
    _ = takes("L")
    return value
  }

  private mutating func string() throws(ModelFileError) -> String {
    skipBlanks()
    let start = position
    guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw error("has something else than a text", expected: "a text between quotes")
    }
    position += 1
    while let byte = current, byte != quote {
      // Escapes never occur in a name of these.
      guard byte != UInt8(ascii: "\\"), byte >= 0x20 else {
        throw error("has a text that is no name", expected: "characters without escapes")
      }
      position += 1
    }
    guard current == quote else {
      throw error("ends inside a text", expected: "a closing quote", at: start)
    }
    position += 1
    return String(decoding: text[(start + 1)..<(position - 1)], as: UTF8.self)
  }

  // MARK: Characters

  private var current: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipBlanks() {
    while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// Steps over a word if it is what comes next.
  private mutating func takes(_ word: String) -> Bool {
    skipBlanks()
    guard text[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws(ModelFileError) {
    guard takes(word) else { throw error("is no dictionary as numpy writes it", expected: word) }
  }

  private func place(_ position: Int) -> ModelFileError.Place {
    .byte(UInt64(offset + position))
  }

  private func error(
    _ problem: String, expected: String, found: String? = nil, at start: Int? = nil
  ) -> ModelFileError {
    let start = start ?? position
    let rest = String(decoding: text[start...].prefix(20), as: UTF8.self).escapedForTerminal
    return ModelFileError(
      .damaged, at: [place(start)], "the header \(problem)", expected: expected,
      found: found ?? (rest.isEmpty ? "the end" : "'\(rest)'"),
      remedy: "save the array again with numpy.save")
  }
}
