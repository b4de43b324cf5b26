import FileSupport

extension Filter {
  /// The most filters of a dataset that HDF5 allows.
  private static let maximumCount = 32

  /// Reads a filter message.
  static func list(_ cursor: inout ByteCursor) throws(ModelFileError) -> [Filter] {
    let start = cursor
    let version = try cursor.byte()
    let count = try cursor.count(1)
    guard (1...2).contains(version), count <= maximumCount else {
      throw start.flaw(
        "has a list of filters that can't be", found: "version \(version), \(count) filters")
    }
    if version == 1 { try cursor.skip(6) }
    var filters: [Filter] = []
    for _ in 0..<count {
      let number = try cursor.count(2)
      let nameBytes = version == 1 || number >= 256 ? try cursor.count(2) : 0
      try cursor.skip(2)
      let values = try cursor.count(2)
      try cursor.skip(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes)
      try cursor.skip(4 * (version == 1 ? values + values % 2 : values))
      filters.append(Filter(number: number))
    }
    return filters
  }
}

/// The element that stands for those never written, as stored.
enum FillValue {
  /// Reads a message of the older kind; `nil` where none is defined.
  static func old(_ cursor: inout ByteCursor) throws(ModelFileError) -> [UInt8]? {
    let count = try cursor.count(4)
    return count == 0 ? nil : try cursor.take(count)
  }

  /// Reads a message; `nil` where none is defined.
  static func new(_ cursor: inout ByteCursor) throws(ModelFileError) -> [UInt8]? {
    let start = cursor
    let version = try cursor.byte()
    switch version {
    case 1, 2:
      try cursor.skip(2)
      let isDefined = try cursor.byte() != 0
      guard isDefined || version == 1 else { return nil }
    case 3:
      guard try cursor.byte() & 0x20 != 0 else { return nil }
    default: throw start.flaw("has a fill value of an unknown version", found: "\(version)")
    }
    // A size of −1 says that there is none.
    let count = try cursor.number(4)
    guard count > 0, count < 1 << 31 else { return nil }
    return try cursor.take(Int(count))
  }
}
