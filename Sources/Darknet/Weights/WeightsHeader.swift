import FileSupport

/// The first bytes of a `.weights` file: three version numbers and the count of images seen
/// (`parser.c: save_weights_upto`).
public struct WeightsHeader: Sendable, Equatable {
  /// `int32`; files that nnfmt writes have 0.
  public let major: Int32
  /// `int32`; 1 before the count grew to 64 bits, 2 since.
  public let minor: Int32
  /// `int32`; 0 from pjreddie, 5 from AlexeyAB.
  public let revision: Int32
  /// Images seen in training.
  public let seen: UInt64
  /// 20, or 16 if the count has 32 bits.
  public private(set) var byteCount: Int

  /// The lengths that a header can have.
  static let lengths = [20, 16]

  /// Makes a header of a generation.
  public init(_ generation: HeaderGeneration, seen: UInt64) {
    (major, minor, revision) = generation.version
    self.byteCount = generation.byteCount
    self.seen = generation.byteCount == 16 ? UInt64(UInt32(truncatingIfNeeded: seen)) : seen
  }

  /// Reads a header of a given length.
  ///
  /// - Precondition: `bytes` holds at least 12 bytes; a count that is cut off reads as 0.
  init(_ bytes: [UInt8], byteCount: Int, dialect: Dialect) {
    major = Int32(truncatingIfNeeded: bytes.littleEndian(at: 0, count: 4))
    minor = Int32(truncatingIfNeeded: bytes.littleEndian(at: 4, count: 4))
    revision = Int32(truncatingIfNeeded: bytes.littleEndian(at: 8, count: 4))
    self.byteCount = byteCount
    guard bytes.count >= byteCount else {
      seen = 0
      return
    }
    if byteCount == 20 {
      seen = bytes.littleEndian(at: 12, count: 8)
    } else {
      let short = UInt32(truncatingIfNeeded: bytes.littleEndian(at: 12, count: 4))
      // pjreddie reads it into an int, so that the largest counts turn into huge ones.
      seen =
        dialect.readsShortSeenSigned
        ? UInt64(bitPattern: Int64(Int32(bitPattern: short))) : UInt64(short)
    }
  }

  /// Reads a header that is known to be just these bytes.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if no header has that length.
  public init(exactly bytes: [UInt8], dialect: Dialect) throws(ModelFileError) {
    guard Self.lengths.contains(bytes.count) else {
      throw ModelFileError(
        .damaged, "a header has another length", expected: "16 or 20 bytes",
        found: "\(bytes.count)")
    }
    self.init(bytes, byteCount: bytes.count, dialect: dialect)
  }

  /// The same, where it takes other room in a file.
  func taking(byteCount: Int) -> WeightsHeader {
    var header = self
    header.byteCount = byteCount
    return header
  }

  /// How long the header is by the rule of a dialect, from its version alone.
  static func length(major: Int32, minor: Int32, dialect: Dialect) -> Int {
    let isLong = Int(major) * 10 + Int(minor) >= 2
    let isLimited = dialect.limitsLongHeaderVersions && (major >= 1000 || minor >= 1000)
    return isLong && !isLimited ? 20 : 16
  }

  /// Whether some darknet could have written these version numbers. Those of a damaged file, or of
  /// another kind of file, are huge.
  public var hasPlausibleVersion: Bool {
    [major, minor, revision].allSatisfy { (0...9999).contains($0) }
  }

  /// What is said of a version that no darknet writes; `nil` of others.
  public var doubt: String? {
    hasPlausibleVersion
      ? nil
      : "no darknet writes such a version: the file is damaged, has no header, or is something else"
  }

  /// Whether matrices of fully connected layers are stored `[in][out]`.
  public var isTransposed: Bool { major > 1000 || minor > 1000 }

  /// As it stands in a file.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    for number in [major, minor, revision] {
      result += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    return result + (0..<(byteCount - 12)).map { UInt8(truncatingIfNeeded: seen >> (8 * $0)) }
  }
}

/// The generations of headers that nnfmt writes.
public enum HeaderGeneration: String, Sendable, CaseIterable {
  /// 16 bytes.
  case first = "0.1"
  /// 20 bytes, as pjreddie's darknet writes them.
  case second = "0.2"
  /// 20 bytes, as AlexeyAB's darknet writes them.
  case third = "0.2.5"

  var version: (Int32, Int32, Int32) {
    switch self {
    case .first: (0, 1, 0)
    case .second: (0, 2, 0)
    case .third: (0, 2, 5)
    }
  }

  var byteCount: Int { self == .first ? 16 : 20 }
}

extension [UInt8] {
  /// A little-endian number; bytes beyond the end count as 0.
  fileprivate func littleEndian(at offset: Int, count size: Int) -> UInt64 {
    (0..<size).reduce(0) { sum, index in
      offset + index < count ? sum | UInt64(self[offset + index]) << (8 * UInt64(index)) : sum
    }
  }
}
