import FileSupport

/// Characters that word processors, web pages and input methods put in place of those of a keyboard. darknet
/// takes them for part of a name, and a number that begins with one for 0.
enum Typography {
  /// An odd character of a line where only plain ones can be meant.
  ///
  /// - Parameter line: a line that is no comment.
  static func oddCharacter(in line: [UInt8]) -> Unicode.Scalar? {
    guard line.contains(where: { $0 >= 0x80 }) else { return nil }
    let text = String(decoding: line, as: UTF8.self)
    guard line.first != UInt8(ascii: "["), let equals = text.utf8.firstIndex(of: UInt8(ascii: "="))
    else { return text.unicodeScalars.first(where: isOdd) }
    if let odd = text[..<equals].unicodeScalars.first(where: isOdd) { return odd }
    // A value may be a file's name in any script; numbers, and words in quotes or blanks, are none.
    let value = text[equals...].unicodeScalars.dropFirst()
    guard let odd = value.first(where: isOdd) else { return nil }
    let rest = value.filter { !isOdd($0) }
    let isNumbers = rest.allSatisfy { "0123456789.,+-eE \t".unicodeScalars.contains($0) }
    return isNumbers || value.first.map(isOdd) == true || value.last.map(isOdd) == true ? odd : nil
  }

  private static func isOdd(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Spaces, quotes and dashes; marks without width.
    case 0xA0, 0xAD, 0x2000...0x201F, 0x2028...0x202F, 0x2032, 0x2033, 0x205F, 0x2060, 0x2212,
      0x3000, 0x3001, 0xFEFF:
      true
    // Wide forms of ASCII.
    case 0xFF01...0xFF5E: true
    default: false
    }
  }

  /// What a character is called, and what can be meant by it.
  static func description(of scalar: Unicode.Scalar) -> (name: String, plain: String) {
    switch scalar.value {
    case 0x2010...0x2015, 0x2212, 0xAD: ("a typographic dash", "a hyphen, '-'")
    case 0x2018...0x201F, 0x2032, 0x2033: ("a typographic quotation mark", "no quotation marks")
    case 0x3001, 0xFF0C: ("a wide comma", "','")
    case 0xFF01...0xFF5E: ("a wide form of an ASCII character", "the character of the keyboard")
    case 0xFEFF: ("a byte order mark", "nothing")
    default: ("a typographic space", "a plain one")
    }
  }
}
