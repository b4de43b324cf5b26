import FileSupport

/// How many bytes of a `.weights` file stand before its first number, where the file does not tell it right.
public struct HeaderLength: Sendable, Equatable {
  /// The bytes.
  public let byteCount: Int

  /// The longest that is read: what stands before the numbers is a header, not another file.
  public static let maximum = 63

  /// A length; `nil` if it is below 0 or above the longest.
  public init?(_ byteCount: Int) {
    guard (0...Self.maximum).contains(byteCount) else { return nil }
    self.byteCount = byteCount
  }

  /// `none`, or the number of bytes.
  public init?(_ text: String) {
    guard text != "none" else {
      self.init(0)
      return
    }
    // Int() takes signs and the like.
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(text)
    else { return nil }
    self.init(count)
  }

  /// As it is written on the command line.
  public var text: String { byteCount == 0 ? "none" : "\(byteCount)" }
}

/// The header that stands for the bytes before the first number, whatever became of the one that was there.
struct HeaderMending {
  /// The header in its right form: one of 16 or 20 bytes, as its version calls for.
  let header: WeightsHeader
  /// Whether all of a header was found, so that nothing in this one is made up.
  let isWhole: Bool

  /// Looks for a header in the bytes that stand before the numbers.
  init(_ bytes: [UInt8], dialect: Dialect) {
    if let found = Self.complete(bytes, dialect) ?? Self.withoutBeginning(bytes, dialect) {
      header = found
      isWhole = true
    } else if let found = Self.atBeginning(bytes, dialect) {
      header = found
      isWhole = Self.hasCount(bytes)
    } else {
      header = WeightsHeader(dialect.headerGeneration, seen: 0)
      isWhole = false
    }
  }

  /// Whether the last of the bytes are a header of a version that some darknet writes.
  static func endsWithHeader(_ bytes: [UInt8], dialect: Dialect) -> Bool {
    complete(bytes, dialect) != nil
  }

  /// Whether the first of the bytes are a version that some darknet writes.
  static func beginsWithVersion(_ bytes: [UInt8], dialect: Dialect) -> Bool {
    guard bytes.count >= 20 else { return false }
    let header = WeightsHeader(bytes, byteCount: 16, dialect: dialect)
    return HeaderGeneration.allCases.contains { header.isOf($0) }
  }

  /// A header of a version that some darknet writes, at the end of the bytes, with others before it.
  private static func complete(_ bytes: [UInt8], _ dialect: Dialect) -> WeightsHeader? {
    for generation in HeaderGeneration.allCases where bytes.count >= generation.byteCount {
      let end = Array(bytes.suffix(generation.byteCount))
      let header = WeightsHeader(end, byteCount: generation.byteCount, dialect: dialect)
      if header.isOf(generation) { return header }
    }
    return nil
  }

  /// A header that lost its first one or two numbers. What is left must fill the bytes exactly, and begin with a
  /// number other than 0, since zeros begin many things.
  private static func withoutBeginning(_ bytes: [UInt8], _ dialect: Dialect) -> WeightsHeader? {
    for lost in [4, 8] {
      for generation in HeaderGeneration.allCases
      where bytes.count == generation.byteCount - lost {
        let beginning = WeightsHeader(generation, seen: 0).bytes[..<lost]
        let header = WeightsHeader(
          beginning + bytes, byteCount: generation.byteCount, dialect: dialect)
        if header.isOf(generation), bytes.first != 0 { return header }
      }
    }
    return nil
  }

  /// A header whose version is possible, with a count of another length than the version calls for, or with bytes
  /// behind it.
  private static func atBeginning(_ bytes: [UInt8], _ dialect: Dialect) -> WeightsHeader? {
    guard bytes.count >= 12 else { return nil }
    let raw = WeightsHeader(bytes, byteCount: 16, dialect: dialect)
    guard raw.hasPlausibleVersion, raw.major > 0 || raw.minor > 0 else { return nil }
    let length = WeightsHeader.length(major: raw.major, minor: raw.minor, dialect: dialect)
    // What lacks of the count is 0, what is too much of it is left out.
    let filled = bytes + Array(repeating: 0, count: max(0, length - bytes.count))
    return WeightsHeader(Array(filled.prefix(length)), byteCount: length, dialect: dialect)
  }

  /// Whether the count of images is among the bytes, in 32 bits at least.
  private static func hasCount(_ bytes: [UInt8]) -> Bool { bytes.count >= 16 }
}

extension WeightsHeader {
  fileprivate func isOf(_ generation: HeaderGeneration) -> Bool {
    (major, minor, revision) == generation.version
  }
}
