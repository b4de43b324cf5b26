import FileSupport

/// A file in a zip archive, as the archive's list describes it.
public struct ZipMember: Sendable, Hashable {
  /// How its bytes are stored.
  public enum Method: Sendable, Hashable {
    /// As they are.
    case stored
    /// By deflate.
    case deflated
    /// In a way that is not read; the number is zip's.
    case other(UInt16)
  }

  /// The bytes of the name, with `/` between folders. They are a label and never become a path of the
  /// file system.
  public let nameBytes: [UInt8]
  /// The bytes of the file.
  public let size: UInt64
  /// The bytes that it takes in the archive.
  public let compressedSize: UInt64
  /// How they are stored.
  public let method: Method
  /// Whether a password is needed.
  public let isEncrypted: Bool
  /// CRC-32 of the file.
  public let checksum: UInt32
  /// Where its local header lies.
  let headerOffset: UInt64

  /// The name as text, or `hex:` and its bytes where they are not UTF-8.
  public var name: String {
    String(validating: nameBytes, as: UTF8.self)
      ?? "hex:" + nameBytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Whether it is only the name of a folder.
  public var isFolder: Bool { nameBytes.last == UInt8(ascii: "/") }

  /// Whether the name, taken for a path, would lead out of a folder: absolute, with `..`, with a
  /// backslash or a drive's letter.
  public var leadsAstray: Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return name.hasPrefix("/") || parts.contains("..") || name.contains("\\")
      || name.utf8.dropFirst().first == UInt8(ascii: ":")
  }
}
