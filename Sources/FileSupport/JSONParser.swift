/// Reads JSON text (RFC 8259) with byte offsets in its errors.
///
/// Python's `json` writes `NaN`, `Infinity` and `-Infinity`, so files have them; `allowsPythonNumbers`
/// says whether they are taken; `allowsDuplicateKeys`, whether an object may name a key twice, of which the last counts
/// then. A document from a hostile file costs at most what the limits say.
public struct JSONParser {
  /// What a document may ask for.
  public struct Limits: Sendable {
    /// How deep arrays and objects may be nested.
    public var depth: Int
    /// How many values the document may have.
    public var values: Int

    /// Limits; the defaults are far above what any model's configuration needs.
    public init(depth: Int = 256, values: Int = 1 << 22) {
      self.depth = depth
      self.values = values
    }
  }

  private let bytes: [UInt8]
  private let limits: Limits
  private let allowsPythonNumbers: Bool
  private let allowsDuplicateKeys: Bool
  private var position = 0
  private var valueCount = 0

  /// Reads a whole document; white space around it is allowed, nothing else.
  ///
  /// - Throws: ``ModelFileError`` of kind `damaged` with the byte offset.
  public static func parse(
    _ bytes: [UInt8], limits: Limits = Limits(), allowsPythonNumbers: Bool = true,
    allowsDuplicateKeys: Bool = true
  ) throws(ModelFileError) -> JSONValue {
    var parser = JSONParser(bytes, limits, allowsPythonNumbers, allowsDuplicateKeys)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.failure("JSON text goes on after its value", expected: "the end")
    }
    return value
  }

  /// Whether the bytes begin with a byte order mark, which is no part of the text.
  public static func hasByteOrderMark(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0xEF, 0xBB, 0xBF])
  }

  private init(
    _ bytes: [UInt8], _ limits: Limits, _ allowsPythonNumbers: Bool, _ allowsDuplicateKeys: Bool
  ) {
    self.bytes = bytes
    self.limits = limits
    self.allowsPythonNumbers = allowsPythonNumbers
    self.allowsDuplicateKeys = allowsDuplicateKeys
    if Self.hasByteOrderMark(bytes) { position = 3 }
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func value(depth: Int) throws(ModelFileError) -> JSONValue {
    skipSpace()
    valueCount += 1
    guard valueCount <= limits.values else {
      throw failure("JSON text has too many values", expected: "at most \(limits.values)")
    }
    switch current {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N") where allowsPythonNumbers: return try word("NaN", .number(.nan))
    case UInt8(ascii: "I") where allowsPythonNumbers:
      return try word("Infinity", .number(.infinity))
    default: return try number()
    }
  }

  private mutating func word(
    _ text: StaticString, _ value: JSONValue
  ) throws(ModelFileError) -> JSONValue {
    let expected = Array(text.description.utf8)
    guard bytes[position...].starts(with: expected) else { throw unexpected("'\(text)'") }
    position += expected.count
    return value
  }

  private func checkDepth(_ depth: Int) throws(ModelFileError) {
    guard depth <= limits.depth else {
      throw failure("JSON text is nested too deeply", expected: "at most \(limits.depth) levels")
    }
  }

  private mutating func array(depth: Int) throws(ModelFileError) -> [JSONValue] {
    try checkDepth(depth)
    position += 1
    var result: [JSONValue] = []
    skipSpace()
    if take("]") { return result }
    while true {
      result.append(try value(depth: depth))
      skipSpace()
      if take("]") { return result }
      guard take(",") else { throw unexpected("',' or ']'") }
    }
  }

  private mutating func object(depth: Int) throws(ModelFileError) -> JSONObject {
    try checkDepth(depth)
    position += 1
    var result = JSONObject()
    skipSpace()
    if take("}") { return result }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
      let start = position
      let key = try string()
      guard allowsDuplicateKeys || result[key] == nil else {
        position = start
        throw failure("an object in JSON names a key twice", found: "'\(key.escapedForTerminal)'")
      }
      skipSpace()
      guard take(":") else { throw unexpected("':'") }
      result[key] = try value(depth: depth)
      skipSpace()
      if take("}") { return result }
      guard take(",") else { throw unexpected("',' or '}'") }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  // MARK: Numbers

  private mutating func number() throws(ModelFileError) -> JSONValue {
    let start = position
    let isNegative = take("-")
    if isNegative, allowsPythonNumbers, current == UInt8(ascii: "I") {
      return try word("Infinity", .number(-.infinity))
    }
    let firstDigit = position
    guard skipDigits() > 0 else { throw unexpected("a value") }
    if bytes[firstDigit] == UInt8(ascii: "0"), position - firstDigit > 1 {
      position = firstDigit
      throw failure("a JSON number begins with 0")
    }
    var isWhole = true
    if take(".") {
      isWhole = false
      guard skipDigits() > 0 else { throw unexpected("a digit") }
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      guard skipDigits() > 0 else { throw unexpected("a digit") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole {
      if let small = Int64(text) { return .integer(small) }
      if let large = UInt64(text) { return .unsigned(large) }
    }
    guard let value = Double(text) else { throw failure("no number can be made of '\(text)'") }
    return .number(value)
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    return position - start
  }

  // MARK: Texts

  private mutating func string() throws(ModelFileError) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let result = String(validating: text, as: UTF8.self) else {
          position = start
          throw failure("a text in JSON is not UTF-8")
        }
        return result
      case UInt8(ascii: "\\"):
        try escape(into: &text)
      case 0..<0x20:
        throw failure("a text in JSON holds a control character", found: "byte \(byte)")
      default:
        text.append(byte)
        position += 1
      }
    }
    position = start
    throw failure("a text in JSON has no end", expected: "'\"'")
  }

  private mutating func escape(into text: inout [UInt8]) throws(ModelFileError) {
    position += 1
    guard let letter = current else { throw unexpected("an escape") }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: Array(String(try scalar()).utf8))
    default:
      position -= 1
      throw unexpected("one of \"\\/bfnrtu")
    }
  }

  /// The character of `\uXXXX` or of a pair of them. Python writes halves of pairs that have no
  /// partner; no UTF-8 text can hold these, so they become the replacement character.
  private mutating func scalar() throws(ModelFileError) -> Unicode.Scalar {
    let unit = try fourDigits()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let replacement: Unicode.Scalar = "\u{FFFD}"
    guard (0xD800..<0xDC00).contains(unit), bytes[position...].starts(with: [0x5C, 0x75]) else {
      return replacement
    }
    let afterHigh = position
    position += 2
    let low = try fourDigits()
    guard (0xDC00..<0xE000).contains(low) else {
      position = afterHigh
      return replacement
    }
    return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? replacement
  }

  private mutating func fourDigits() throws(ModelFileError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }

  // MARK: Errors

  private func failure(
    _ problem: String, expected: String? = nil, found: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .damaged, at: [.byte(UInt64(position))], problem, expected: expected, found: found)
  }

  private func unexpected(_ expected: String) -> ModelFileError {
    let problem = "JSON text is malformed"
    guard let byte = current else {
      var error = failure(problem, expected: expected, found: "the end of the text")
      error.remedy = "the text is cut short; fetch the file again"
      return error
    }
    guard byte >= 0x80 else {
      let isVisible = (0x21..<0x7F).contains(byte)
      return failure(
        problem, expected: expected,
        found: isVisible ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)")
    }
    let text = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
    let code = String(text.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true)
    var error = failure(problem, expected: expected, found: "'\(text.prefix(1))' (U+\(code))")
    error.remedy = "use the characters of a keyboard: a word processor may have changed them"
    return error
  }
}
