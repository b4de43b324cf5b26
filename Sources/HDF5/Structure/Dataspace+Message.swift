import FileSupport

extension Dataspace {
  /// The most axes that HDF5 knows.
  static let maximumRank = 32

  /// Reads a dataspace message.
  init(_ cursor: inout ByteCursor) throws(ModelFileError) {
    let start = cursor
    let version = try cursor.byte()
    let rank = try cursor.count(1)
    let flags = try cursor.byte()
    let type: UInt8
    switch version {
    case 1:
      try cursor.skip(5)
      type = rank == 0 ? 0 : 1
    case 2: type = try cursor.byte()
    default: throw start.flaw("has a shape of an unknown version", found: "\(version)")
    }
    guard rank <= Self.maximumRank, (type == 1) == (rank > 0) else {
      throw start.flaw("has a shape of \(rank) axes, which can't be")
    }
    switch type {
    case 0: self.init(.scalar)
    case 1:
      var extents: [UInt64] = []
      for _ in 0..<rank { extents.append(try cursor.length()) }
      var limits = extents.map(Optional.some)
      if flags & 1 != 0 {
        let unlimited = UInt64.max >> (64 - 8 * UInt64(cursor.widths.length))
        for axis in 0..<rank {
          let limit = try cursor.length()
          guard limit >= extents[axis] else {
            throw start.flaw(
              "has an axis longer than it may grow", expected: "at most \(limit)",
              found: "\(extents[axis])")
          }
          limits[axis] = limit == unlimited ? nil : limit
        }
      }
      self.init(shape: .simple(extents), maximum: limits)
    case 2: self.init(.null)
    default: throw start.flaw("has a shape of an unknown kind", found: "\(type)")
    }
  }
}
