/// Bytes that somebody wrote down as letters, for a way that takes only text.
enum BinaryAsText: Equatable {
  case base64
  /// base64 behind `data:…;base64,`.
  case dataAddress
  case uuencoded
  /// Hexadecimal digits and nothing else.
  case hexadecimal
  /// What `xxd` prints.
  case hexDump

  /// Characters that are asked for before words are taken for an encoding.
  private static let leastCharacters = 64

  /// Different characters that are asked for.
  private static let leastKinds = 8

  /// The form that the first bytes of a text have.
  init?(_ text: [UInt8]) {
    if text.starts(with: Array("data:".utf8)) {
      guard String(decoding: text.prefix(200), as: UTF8.self).contains(";base64,") else {
        return nil
      }
      self = .dataAddress
      return
    }
    if text.starts(with: Array("begin ".utf8)) {
      let mode = text.dropFirst(6).prefix { (0x30...0x37).contains($0) }
      guard (3...4).contains(mode.count) else { return nil }
      self = .uuencoded
      return
    }
    if text.starts(with: Array("00000000: ".utf8)) {
      self = .hexDump
      return
    }
    let letters = text.filter { $0 != 0x0A && $0 != 0x0D }
    guard letters.count >= Self.leastCharacters, Set(letters).count >= Self.leastKinds else {
      return nil
    }
    if letters.allSatisfy(\.isHexadecimal) {
      self = .hexadecimal
    } else if letters.allSatisfy(\.isBase64) {
      self = .base64
    } else {
      return nil
    }
  }

  /// What it is called.
  var name: String {
    switch self {
    case .base64, .dataAddress: "base64 text"
    case .uuencoded: "uuencoded text"
    case .hexadecimal: "hexadecimal digits"
    case .hexDump: "a hexadecimal dump"
    }
  }

  /// The command that makes bytes of it.
  var command: String {
    switch self {
    case .base64: "base64 -di FILE > NEW"
    case .dataAddress: "sed 's/^data:[^,]*,//' FILE | base64 -di > NEW"
    case .uuencoded: "uudecode -o NEW FILE"
    case .hexadecimal: "xxd -r -p FILE > NEW"
    case .hexDump: "xxd -r FILE > NEW"
    }
  }
}

extension UInt8 {
  fileprivate var isHexadecimal: Bool {
    (0x30...0x39).contains(self) || (0x61...0x66).contains(self | 0x20)
  }

  fileprivate var isBase64: Bool {
    (0x30...0x39).contains(self) || (0x61...0x7A).contains(self | 0x20)
      || [UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")].contains(self)
  }
}
