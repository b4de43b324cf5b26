import FileSupport

/// How many bytes addresses and lengths take in a file.
struct Widths: Sendable, Hashable {
  var address: Int
  var length: Int
}

/// A place in some bytes of a file, from which numbers are taken one after the other.
///
/// Nothing beyond `end` is ever touched: whatever asks for more throws, naming the byte in the file.
struct ByteCursor: Sendable {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int
  /// Where the first of `bytes` lies in the file.
  private let origin: UInt64
  let widths: Widths
  /// What the bytes are, for errors: `the header of a group`.
  let what: String

  init(_ bytes: [UInt8], origin: UInt64, widths: Widths, what: String) {
    self.init(bytes, 0..<bytes.count, origin: origin, widths: widths, what: what)
  }

  private init(
    _ bytes: [UInt8], _ range: Range<Int>, origin: UInt64, widths: Widths, what: String
  ) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
    self.origin = origin
    self.widths = widths
    self.what = what
  }

  /// The bytes that are left.
  var left: Int { end - position }

  /// Where the cursor stands in the file.
  var place: UInt64 { origin &+ UInt64(position) }

  /// An error about what stands here.
  func flaw(
    _ problem: String, expected: String? = nil, found: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .damaged, at: [.byte(place)], "\(what) \(problem)", expected: expected, found: found,
      remedy: "check that the download or copy was complete")
  }

  private func require(_ count: Int) throws(ModelFileError) {
    guard count >= 0, count <= left else {
      throw flaw("ends too early", expected: "\(count) more bytes", found: "\(left)")
    }
  }

  /// A number of `width` bytes (at most 8), the least significant first.
  mutating func number(_ width: Int) throws(ModelFileError) -> UInt64 {
    try require(width)
    var number: UInt64 = 0
    for index in (position..<position + width).reversed() {
      number = number << 8 | UInt64(bytes[index])
    }
    position += width
    return number
  }

  mutating func byte() throws(ModelFileError) -> UInt8 {
    try require(1)
    defer { position += 1 }
    return bytes[position]
  }

  mutating func count(_ width: Int) throws(ModelFileError) -> Int {
    Int(clamping: try number(width))
  }

  /// An address, `nil` for the undefined one, all of whose bits are set.
  mutating func address() throws(ModelFileError) -> UInt64? {
    let number = try number(widths.address)
    return number == UInt64.max >> (64 - 8 * UInt64(widths.address)) ? nil : number
  }

  /// An address that must not be the undefined one.
  mutating func definedAddress() throws(ModelFileError) -> UInt64 {
    let start = self
    guard let address = try address() else { throw start.flaw("lacks an address") }
    return address
  }

  mutating func length() throws(ModelFileError) -> UInt64 {
    try number(widths.length)
  }

  mutating func skip(_ count: Int) throws(ModelFileError) {
    try require(count)
    position += count
  }

  mutating func take(_ count: Int) throws(ModelFileError) -> [UInt8] {
    try require(count)
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// The next bytes as a cursor of their own.
  mutating func part(_ count: Int, what: String? = nil) throws(ModelFileError) -> ByteCursor {
    try require(count)
    defer { position += count }
    return ByteCursor(
      bytes, position..<position + count, origin: origin, widths: widths, what: what ?? self.what)
  }

  /// The bytes up to a zero, which is skipped.
  mutating func text() throws(ModelFileError) -> [UInt8] {
    guard let zero = bytes[position..<end].firstIndex(of: 0) else {
      throw flaw("has a text without an end")
    }
    defer { position = zero + 1 }
    return Array(bytes[position..<zero])
  }

  /// Four letters that must stand here.
  mutating func expect(signature: StaticString) throws(ModelFileError) {
    let start = self
    let found = try take(4)
    let matches = signature.withUTF8Buffer { $0.elementsEqual(found) }
    guard matches else {
      throw start.flaw("has a wrong signature", expected: "\(signature)", found: Self.shown(found))
    }
  }

  /// A version that must stand here.
  mutating func expect(version: UInt8) throws(ModelFileError) {
    let start = self
    let found = try byte()
    guard found == version else {
      throw start.flaw("has an unknown version", expected: "\(version)", found: "\(found)")
    }
  }

  /// Takes a checksum and compares it with that of the bytes before it, from `start` on.
  mutating func expectChecksum(from start: Int = 0) throws(ModelFileError) {
    let covered = bytes[start..<position]
    let here = self
    let stored = UInt32(truncatingIfNeeded: try number(4))
    let computed = Lookup3.checksum(covered)
    guard stored == computed else {
      throw here.flaw(
        "does not match its checksum", expected: String(computed, radix: 16),
        found: String(stored, radix: 16))
    }
  }

  private static func shown(_ bytes: [UInt8]) -> String {
    let isText = bytes.allSatisfy { (0x20..<0x7F).contains($0) }
    return isText ? String(decoding: bytes, as: UTF8.self) : "bytes \(bytes)"
  }
}
