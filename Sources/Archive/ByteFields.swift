import FileSupport

/// Little-endian numbers one after the other, as the records of a zip archive hold them.
///
/// Invariant: `position` never passes the end; reading beyond it gives `nil`.
struct ByteFields {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Bytes that are left.
  var rest: Int { bytes.endIndex - position }

  /// A number of 2 bytes.
  mutating func short() -> UInt16? { number(2).map { UInt16($0) } }

  /// A number of 4 bytes.
  mutating func word() -> UInt32? { number(4).map { UInt32($0) } }

  /// A number of 8 bytes.
  mutating func long() -> UInt64? { number(8) }

  /// The next bytes.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest else { return nil }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func number(_ count: Int) -> UInt64? {
    take(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
