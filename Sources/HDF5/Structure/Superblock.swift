import FileSupport

/// What stands at the start of an HDF5 file: where everything else is found.
struct Superblock: Sendable {
  let version: UInt8
  let widths: Widths
  /// Where address 0 lies, in bytes from the start of the file: behind a user block, if there is one.
  let base: UInt64
  /// The first address behind the content, or behind the file where that is cut short.
  let end: UInt64
  /// The same as the file states it.
  private let statedEnd: UInt64
  /// The address of what the driver says of itself that the file was written with, in older files.
  let driverAddress: UInt64?
  /// The address of the root group's header.
  let root: UInt64
  /// The address of a header with more properties of the file.
  let extensionAddress: UInt64?
  /// Half of the most entries in a leaf and a node of a group's tree, and in a node of a chunk tree.
  var groupLeafRank = 4
  var groupNodeRank = 16
  var chunkNodeRank = 32
  /// Structure that was never written to its place.
  var cacheImage: CacheImage?
  /// Where messages lie that objects share.
  var sharedMessages: SharedMessageTable?
  /// Whether the file says that a writer has it open, and whether that lets others read (SWMR).
  let isOpenForWriting: Bool
  let isOpenForSWMR: Bool

  /// Reads it where its signature was found.
  init(_ file: InputFile, at offset: UInt64) throws(ModelFileError) {
    let count = Int(min(256, file.size - offset))
    var cursor = ByteCursor(
      try file.bytes(at: offset, count: count), origin: offset,
      widths: Widths(address: 8, length: 8), what: "the superblock")
    try cursor.skip(8)
    version = try cursor.byte()
    let isOld = version < 2
    guard version <= 3 else {
      throw cursor.flaw("has an unknown version", expected: "0 to 3", found: "\(version)")
    }
    if isOld { try cursor.skip(4) }
    let address = try Self.width(&cursor, "addresses")
    let length = try Self.width(&cursor, "lengths")
    widths = Widths(address: address, length: length)
    var flags: UInt8 = 0
    if isOld {
      try cursor.skip(1)
      groupLeafRank = try cursor.count(2)
      groupNodeRank = try cursor.count(2)
      try cursor.skip(4)
      if version == 1 {
        chunkNodeRank = try cursor.count(2)
        try cursor.skip(2)
      }
    } else {
      flags = try cursor.byte()
    }
    isOpenForWriting = version == 3 && flags & 1 != 0
    isOpenForSWMR = version == 3 && flags & 4 != 0
    // From here on with the file's own widths.
    let start = cursor.position
    var rest = ByteCursor(
      try file.bytes(at: offset, count: count), origin: offset, widths: widths,
      what: "the superblock")
    try rest.skip(start)
    let storedBase = try rest.definedAddress()
    let second = try rest.address()
    extensionAddress = isOld ? nil : second
    let storedEnd = try rest.definedAddress()
    driverAddress = isOld ? try rest.address() : nil
    // The place of a name that nobody uses.
    if isOld { try rest.skip(length) }
    root = try rest.definedAddress()
    if !isOld { try rest.expectChecksum() }
    base = offset
    // A file that was moved behind other bytes, or out from behind them, keeps the base that it was written
    // with; its end moves along.
    guard storedBase <= storedEnd else {
      throw rest.flaw("has a base behind its end", found: "\(storedBase), an end of \(storedEnd)")
    }
    let available = file.size - offset
    statedEnd = isOpenForSWMR ? available : storedEnd - storedBase
    end = min(statedEnd, available)
  }

  private static func width(
    _ cursor: inout ByteCursor, _ what: String
  ) throws(ModelFileError) -> Int {
    let start = cursor
    let width = try cursor.count(1)
    guard [2, 4, 8].contains(width) else {
      throw start.flaw(
        "has a wrong width of \(what)", expected: "2, 4 or 8 bytes", found: "\(width)")
    }
    return width
  }

  /// Checks that a file is one of its own, and holds all that this says it does.
  ///
  /// - Throws: `ModelFileError`: `unsupported` for one of several files that are a model together,
  ///   `damaged` for one that was cut short.
  func check(_ file: InputFile) throws(ModelFileError) {
    if let driver = SpreadingDriver(of: self, in: file) {
      throw ModelFileError(
        .unsupported, at: [.byte(base)], "is a part of \(driver.noun)",
        expected: "a file of its own", remedy: driver.remedy)
    }
    guard statedEnd == end else {
      throw ModelFileError(
        .damaged, at: [.byte(base)], "is a truncated file", expected: "\(base &+ statedEnd) bytes",
        found: "\(file.size)", remedy: "check that the download or copy was complete")
    }
  }
}
