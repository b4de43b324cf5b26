import FileSupport

/// How the elements of a dataset lie in the file.
enum StoredLayout: Sendable {
  /// In the header.
  case compact(ByteCursor)
  /// In one piece; without an address none was ever written.
  case contiguous(address: UInt64?, size: UInt64?)
  case chunked(ChunkLayout)
  case virtual

  /// Reads a layout message.
  init(_ cursor: inout ByteCursor) throws(ModelFileError) {
    let start = cursor
    let version = try cursor.byte()
    switch version {
    case 1, 2: self = try Self.old(&cursor)
    case 3: self = try Self.new(&cursor, version: 3)
    case 4: self = try Self.new(&cursor, version: 4)
    default:
      throw ModelFileError(
        .unsupported, at: [.byte(start.place)],
        "its layout is of a version that is not known (\(version))",
        remedy: "copy the file with an older format: h5repack -l CONTI IN OUT")
    }
  }

  /// Versions 1 and 2, of HDF5 before 1.6.3.
  private static func old(_ cursor: inout ByteCursor) throws(ModelFileError) -> StoredLayout {
    let start = cursor
    let rank = try cursor.count(1)
    let type = try cursor.byte()
    try cursor.skip(5)
    guard rank <= Dataspace.maximumRank + 1 else { throw start.flaw("has a layout that can't be") }
    let address = type == 0 ? nil : try cursor.address()
    var extents: [UInt64] = []
    for _ in 0..<rank { extents.append(try cursor.number(4)) }
    switch type {
    case 0: return .compact(try cursor.part(try cursor.count(4)))
    case 1: return .contiguous(address: address, size: nil)
    case 2:
      guard !extents.isEmpty else { throw start.flaw("has chunks without an extent") }
      return .chunked(
        ChunkLayout(shape: extents.dropLast(), index: address.map { .tree($0) }))
    default: throw start.flaw("has a layout of an unknown kind", found: "\(type)")
    }
  }

  private static func new(
    _ cursor: inout ByteCursor, version: Int
  ) throws(ModelFileError) -> StoredLayout {
    let start = cursor
    let type = try cursor.byte()
    switch type {
    case 0: return .compact(try cursor.part(try cursor.count(2)))
    case 1: return .contiguous(address: try cursor.address(), size: try cursor.length())
    case 2 where version == 3:
      let rank = try cursor.count(1)
      guard (1...Dataspace.maximumRank + 1).contains(rank) else {
        throw start.flaw("has chunks of \(rank) axes, which can't be")
      }
      let address = try cursor.address()
      var extents: [UInt64] = []
      for _ in 0..<rank { extents.append(try cursor.number(4)) }
      return .chunked(
        ChunkLayout(shape: extents.dropLast(), index: address.map { .tree($0) }))
    case 2: return .chunked(try ChunkLayout(&cursor))
    case 3 where version == 4: return .virtual
    default: throw start.flaw("has a layout of an unknown kind", found: "\(type)")
    }
  }
}

/// How a dataset is cut into chunks, and how these are found.
struct ChunkLayout: Sendable {
  /// The structure that finds chunks.
  enum Index: Sendable {
    /// A tree of version 1.
    case tree(UInt64)
    /// There is one chunk; with filters its size and the filters that it skips are told here.
    case single(UInt64, size: UInt64?, mask: UInt32)
    /// All chunks lie side by side.
    case implicit(UInt64)
    /// An array of as many entries as there can be chunks.
    case fixedArray(UInt64)
    /// An array that grows along one axis.
    case extensibleArray(UInt64)
    /// A tree of records.
    case recordTree(UInt64)
  }

  /// The extent of a chunk along each axis.
  let shape: [UInt64]
  /// `nil` if no chunk was ever written.
  let index: Index?
  /// Whether chunks that reach over the edge of the dataset skip the filters.
  let leavesEdgesUnfiltered: Bool

  init(shape: some Sequence<UInt64>, index: Index?, leavesEdgesUnfiltered: Bool = false) {
    self.shape = Array(shape)
    self.index = index
    self.leavesEdgesUnfiltered = leavesEdgesUnfiltered
  }

  /// Reads what follows the class in a layout message of version 4.
  init(_ cursor: inout ByteCursor) throws(ModelFileError) {
    let start = cursor
    let flags = try cursor.byte()
    let rank = try cursor.count(1)
    let width = try cursor.count(1)
    guard (1...Dataspace.maximumRank + 1).contains(rank), (1...8).contains(width) else {
      throw start.flaw("has chunks that can't be", found: "\(rank) axes in \(width) bytes each")
    }
    var extents: [UInt64] = []
    for _ in 0..<rank { extents.append(try cursor.number(width)) }
    let type = try cursor.byte()
    var size: UInt64?
    var mask: UInt32 = 0
    switch type {
    case 1:
      if flags & 2 != 0 {
        size = try cursor.length()
        mask = UInt32(truncatingIfNeeded: try cursor.number(4))
      }
    case 2: break
    case 3: try cursor.skip(1)
    case 4: try cursor.skip(5)
    case 5: try cursor.skip(6)
    default: throw start.flaw("finds its chunks in an unknown way", found: "\(type)")
    }
    let index = try cursor.address().map { address -> Index in
      switch type {
      case 1: .single(address, size: size, mask: mask)
      case 2: .implicit(address)
      case 3: .fixedArray(address)
      case 4: .extensibleArray(address)
      default: .recordTree(address)
      }
    }
    self.init(
      shape: extents.dropLast(), index: index, leavesEdgesUnfiltered: flags & 1 != 0)
  }
}
