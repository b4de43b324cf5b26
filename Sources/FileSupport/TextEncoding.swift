/// A form of text that nothing here reads as it stands, though it holds text or another file: another
/// encoding, or bytes written as letters.
public enum TextEncoding: Sendable, Equatable {
  /// UTF-8 behind a byte order mark.
  case markedUTF8
  /// 16 bits for a character.
  case utf16(bigEndian: Bool, marked: Bool)
  /// 32 bits for a character.
  case utf32(bigEndian: Bool, marked: Bool)

  /// A text and how it is encoded.
  typealias Decoded = (encoding: TextEncoding, text: [UInt8])

  /// Takes the first bytes of a file for text of another encoding than plain UTF-8.
  ///
  /// - Returns: the encoding and the text as UTF-8; `nil` if the bytes are plain, or no text.
  static func decode(_ bytes: [UInt8]) -> Decoded? {
    let marks: [(mark: [UInt8], encoding: TextEncoding)] = [
      ([0xFF, 0xFE, 0, 0], .utf32(bigEndian: false, marked: true)),
      ([0, 0, 0xFE, 0xFF], .utf32(bigEndian: true, marked: true)),
      ([0xFF, 0xFE], .utf16(bigEndian: false, marked: true)),
      ([0xFE, 0xFF], .utf16(bigEndian: true, marked: true)),
      ([0xEF, 0xBB, 0xBF], .markedUTF8),
    ]
    for (mark, encoding) in marks where bytes.starts(with: mark) {
      if let text = encoding.text(bytes[mark.count...]) { return (encoding, text) }
    }
    // Any two letters make a character of some language: text with a stray byte is no UTF-16.
    let letters = bytes.count { (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0) }
    let mayBeWide = letters * 10 < bytes.count * 9
    let unmarked: [TextEncoding] = [
      .utf16(bigEndian: false, marked: false), .utf16(bigEndian: true, marked: false),
      .utf32(bigEndian: false, marked: false), .utf32(bigEndian: true, marked: false),
    ]
    for encoding in unmarked {
      // Text of any language has ASCII characters, line ends if nothing else; here they come first.
      guard let text = encoding.text(bytes[...]), text.count >= 4 else { continue }
      if text.prefix(4).allSatisfy({ $0 < 0x80 }) || mayBeWide && isProse(text) {
        return (encoding, text)
      }
    }
    return nil
  }

  /// The fewest characters that bytes of something else don't make by chance.
  private static let tellingCharacters = 24

  /// Whether a text of whatever language is one: enough characters, all of them known, and blanks among them or the
  /// ends of clauses.
  private static func isProse(_ text: [UInt8]) -> Bool {
    let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
    guard scalars.count >= tellingCharacters else { return false }
    let isKnown = scalars.dropLast().allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .unassigned, .privateUse, .surrogate: false
      default: true
      }
    }
    // Read in the other order these are none: a blank becomes U+2000.
    let blanks: Set<Unicode.Scalar> = [" ", "\n", "\u{3000}", "\u{3002}", "\u{FF0C}"]
    return isKnown && scalars.contains(where: blanks.contains)
  }

  /// The text as UTF-8; `nil` if characters stand in it that no text has.
  private func text(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    switch self {
    case .markedUTF8: return bytes.allSatisfy(\.isText) ? Array(bytes) : nil
    case .utf16(let bigEndian, _):
      return Self.checked(
        String(decoding: Self.units(bytes, bigEndian, as: UInt16.self), as: UTF16.self))
    case .utf32(let bigEndian, _):
      return Self.checked(
        String(decoding: Self.units(bytes, bigEndian, as: UInt32.self), as: UTF32.self))
    }
  }

  /// Numbers of 16 or 32 bits; a part of one that a window cuts off is left out.
  private static func units<Unit: FixedWidthInteger>(
    _ bytes: ArraySlice<UInt8>, _ bigEndian: Bool, as type: Unit.Type
  ) -> [Unit] {
    let width = Unit.bitWidth / 8
    return (0..<(bytes.count / width)).map { index in
      (0..<width).reduce(0) { sum, place in
        let byte = bytes[bytes.startIndex + index * width + place]
        return sum | Unit(byte) << Unit(8 * (bigEndian ? width - 1 - place : place))
      }
    }
  }

  private static func checked(_ text: String) -> [UInt8]? {
    let scalars = text.unicodeScalars
    // The last may be half of a pair that the window cuts.
    let isText = scalars.dropLast().allSatisfy {
      $0.value >= 0x20 && $0 != "\u{FFFD}" && $0.value != 0x7F || (0x09...0x0D).contains($0.value)
    }
    return isText ? Array(text.utf8) : nil
  }

  /// What it is called.
  var name: String {
    switch self {
    case .markedUTF8: "UTF-8 with a byte order mark"
    case .utf16(let bigEndian, let marked):
      "UTF-16 \(bigEndian ? "big" : "little") endian\(marked ? " with a byte order mark" : "")"
    case .utf32(let bigEndian, let marked):
      "UTF-32 \(bigEndian ? "big" : "little") endian\(marked ? " with a byte order mark" : "")"
    }
  }

  /// The command that makes plain UTF-8 of it.
  var command: String {
    switch self {
    case .markedUTF8: "tail -c +4 FILE > NEW"
    case .utf16(_, true): "iconv -f UTF-16 -t UTF-8 FILE > NEW"
    case .utf16(let bigEndian, false):
      "iconv -f UTF-16\(bigEndian ? "BE" : "LE") -t UTF-8 FILE > NEW"
    case .utf32(_, true): "iconv -f UTF-32 -t UTF-8 FILE > NEW"
    case .utf32(let bigEndian, false):
      "iconv -f UTF-32\(bigEndian ? "BE" : "LE") -t UTF-8 FILE > NEW"
    }
  }
}

extension UInt8 {
  /// Whether text of ASCII or UTF-8 can have the byte.
  var isText: Bool { self >= 0x20 && self != 0x7F || (0x09...0x0D).contains(self) }
}
