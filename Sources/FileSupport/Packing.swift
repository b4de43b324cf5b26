/// A program that packs files, told from its signature: what was packed has to be taken out first.
public enum Packing: String, Sendable, CaseIterable {
  case gzip
  case bzip2
  case xz
  case zstd
  case sevenZip = "7z"
  case rar
  case lz4
  case lzip
  case compress
  case cpio
  case tar

  /// Bytes that are looked at.
  static let window = 262

  /// The packing that the first bytes of a file show.
  init?(_ bytes: [UInt8]) {
    guard let packing = Self.allCases.first(where: { $0.matches(bytes) }) else { return nil }
    self = packing
  }

  private func matches(_ bytes: [UInt8]) -> Bool {
    if self == .tar, Self.isOldTar(bytes) { return true }
    let (offset, signature): (Int, [UInt8]) =
      switch self {
      case .gzip: (0, [0x1F, 0x8B])
      case .bzip2: (4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
      case .xz: (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0])
      case .zstd: (0, [0x28, 0xB5, 0x2F, 0xFD])
      case .sevenZip: (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])
      case .rar: (0, Array("Rar!".utf8) + [0x1A, 7])
      case .lz4: (0, [0x04, 0x22, 0x4D, 0x18])
      case .lzip: (0, Array("LZIP".utf8))
      case .compress: (0, [0x1F, 0x9D])
      case .cpio: (0, Array("07070".utf8))
      case .tar: (257, Array("ustar".utf8))
      }
    return bytes.dropFirst(offset).starts(with: signature)
  }

  /// Whether a block is the header of a tar of the time before `ustar`: the sum of its bytes, with blanks for the sum
  /// itself, stands in it in octal digits.
  private static func isOldTar(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 512, bytes[0] != 0 else { return false }
    let place = 148..<156
    let digits = bytes[place].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    guard digits.count >= 4 else { return false }
    let stated = digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
    let sum = (0..<512).reduce(0) { $0 + (place.contains($1) ? 0x20 : Int(bytes[$1])) }
    return sum == stated
  }

  /// The command that takes out what was packed.
  var command: String {
    switch self {
    case .gzip: "gunzip -c FILE > NEW"
    case .bzip2: "bunzip2 -c FILE > NEW"
    case .xz: "xz -dc FILE > NEW"
    case .zstd: "zstd -dc FILE > NEW"
    case .sevenZip: "7z x FILE"
    case .rar: "unrar x FILE"
    case .lz4: "lz4 -dc FILE > NEW"
    case .lzip: "lzip -dc FILE > NEW"
    case .compress: "gunzip -c FILE > NEW"
    case .cpio: "cpio -i < FILE"
    case .tar: "tar -xf FILE"
    }
  }
}
