/// A signature as a transfer in text mode leaves it. HDF5 and numpy have taken a byte above 7F and line ends
/// into theirs for just this: what was done to the file can be read off them.
enum MangledSignature {
  /// What can have been done to bytes above 7F.
  private enum Decoding: CaseIterable {
    case none
    case replaced
    case latin1
    case windows1252
    case questionMark
    case sevenBits
    case dropped

    func apply(_ byte: UInt8) -> [UInt8] {
      guard byte >= 0x80 else { return [byte] }
      switch self {
      case .none: return [byte]
      case .replaced: return [0xEF, 0xBF, 0xBD]
      case .latin1: return [0xC0 | byte >> 6, byte & 0xBF]
      // U+2030 and U+201C: the bytes above 7F of the two signatures.
      case .windows1252: return byte == 0x89 ? [0xE2, 0x80, 0xB0] : [0xE2, 0x80, 0x9C]
      case .questionMark: return [0x3F]
      case .sevenBits: return [byte & 0x7F]
      case .dropped: return []
      }
    }

    var cause: String? {
      switch self {
      case .none: nil
      case .replaced: TransferDamage.replacedCause
      case .latin1, .windows1252: TransferDamage.widenedCause
      case .questionMark:
        "the file went through a text decoder: question marks stand where bytes above 7F were"
      case .sevenBits: "every byte lost its highest bit, as on a way that takes only text"
      case .dropped: "the bytes above 7F are missing, as after a text decoder that drops them"
      }
    }
  }

  /// What can have been done to line ends.
  private enum LineEnds: CaseIterable {
    case none
    case feedsWidened
    case loneFeedsWidened
    case pairsNarrowed
    case feedsToReturns
    case returnsToFeeds

    func apply(_ bytes: [UInt8]) -> [UInt8] {
      var result: [UInt8] = []
      for (index, byte) in bytes.enumerated() {
        let isPaired = byte == 0x0A && index > 0 && bytes[index - 1] == 0x0D
        switch (self, byte) {
        case (.feedsWidened, 0x0A): result += [0x0D, 0x0A]
        case (.loneFeedsWidened, 0x0A): result += isPaired ? [0x0A] : [0x0D, 0x0A]
        case (.pairsNarrowed, 0x0A):
          if isPaired { result.removeLast() }
          result.append(0x0A)
        case (.feedsToReturns, 0x0A): result.append(0x0D)
        case (.returnsToFeeds, 0x0D): result.append(0x0A)
        default: result.append(byte)
        }
      }
      return result
    }

    var cause: String? {
      switch self {
      case .none: nil
      case .feedsWidened, .loneFeedsWidened: TransferDamage.widenedFeedsCause
      case .pairsNarrowed: TransferDamage.narrowedPairsCause
      case .feedsToReturns: TransferDamage.feedsToReturnsCause
      case .returnsToFeeds: TransferDamage.returnsToFeedsCause
      }
    }
  }

  private static let signatures: [(name: String, bytes: [UInt8])] = [
    ("an HDF5 file", FileContent.hdf5Signature), ("a .npy file", NpyHeader.magic),
  ]

  /// What was done to a file that begins with these bytes.
  static func cause(_ bytes: [UInt8]) -> String? {
    for signature in signatures {
      for decoding in Decoding.allCases {
        for ends in LineEnds.allCases {
          let mangled = ends.apply(signature.bytes).flatMap(decoding.apply)
          guard mangled != signature.bytes, bytes.starts(with: mangled) else { continue }
          let causes = [decoding.cause, ends.cause].compactMap(\.self)
          return "this was \(signature.name): \(causes.joined(separator: "; "))"
        }
      }
    }
    return nil
  }

  /// The same for a file that stands inside another, an archive that does not compress it.
  static func cause(within bytes: [UInt8]) -> String? {
    let letters = Array("HDF".utf8)
    for index in bytes.indices.dropLast(3)
    where bytes[index] == letters[0] && bytes[index...].starts(with: letters) {
      for lead in 1...3 where index >= lead {
        let start = bytes[(index - lead)...].prefix(24)
        if let cause = cause(Array(start)) { return cause }
      }
    }
    return nil
  }
}
