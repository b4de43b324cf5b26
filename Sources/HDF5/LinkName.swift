/// The name of a link or an attribute: bytes, compared as bytes.
///
/// HDF5 stores names as bytes that end at a zero; two names that Unicode holds for equal are two links.
public struct LinkName: Hashable, Sendable {
  /// The bytes as they stand in the file.
  public let bytes: [UInt8]

  /// A name of these bytes.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The UTF-8 form of a text.
  public init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// The text, if the bytes are valid UTF-8.
  public var text: String? {
    String(validating: bytes, as: UTF8.self)
  }

  /// Whether libhdf5 can be asked for a link of this name: it takes `/` for a separator, `.` for the
  /// group itself and a zero byte for the end.
  var isOneComponent: Bool {
    !bytes.isEmpty && bytes != [UInt8(ascii: ".")] && !bytes.contains(0)
      && !bytes.contains(UInt8(ascii: "/"))
  }

  /// Calls `body` with the bytes and a zero after them.
  func withCString<Result, Failure>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
    return try body(terminated)
  }
}

extension LinkName: CustomStringConvertible {
  /// The text, or `hex:` and the bytes in hexadecimal where they are not valid UTF-8.
  public var description: String {
    text ?? "hex:" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension LinkName: ExpressibleByStringLiteral {
  /// The UTF-8 form of a literal.
  public init(stringLiteral value: String) {
    self.init(value)
  }
}

extension LinkName: Comparable {
  /// Byte order, as `strcmp` has it.
  public static func < (left: LinkName, right: LinkName) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension Sequence where Element == LinkName {
  /// The absolute path through these links, for display: `/a/b`.
  public var pathText: String {
    "/" + map(\.description).joined(separator: "/")
  }
}
