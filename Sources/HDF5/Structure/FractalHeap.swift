import FileSupport

/// A heap of objects of any size (version 2's links and attributes), found by identifiers.
///
/// Its space is one row of addresses, cut into blocks that grow from row to row of a table. Blocks are
/// read when an object in them is asked for, each once.
struct FractalHeap {
  private let image: FileImage
  private let what = "a heap"
  private let address: UInt64
  private let identifierSize: Int
  private let hasChecksums: Bool
  private let maximumManagedSize: UInt64
  private let hugeTree: UInt64?
  private let table: Table
  private var budget: PieceBudget
  /// The content of blocks by where they start in the heap's space.
  private var blocks: [UInt64: ByteCursor] = [:]
  private var nodes: [UInt64: [UInt64?]] = [:]
  private var hugeObjects: [UInt64: (address: UInt64, size: UInt64)]?

  /// The table of blocks.
  private struct Table {
    let width: Int
    let startSize: UInt64
    let maximumDirectSize: UInt64
    let offsetBits: Int
    let root: UInt64?
    let rootRows: Int

    /// Bytes of a block in a row: the first two rows have the smallest.
    func blockSize(_ row: Int) -> UInt64 { row == 0 ? startSize : startSize << UInt64(row - 1) }

    /// Where a row starts, in bytes from the start of its table.
    func rowStart(_ row: Int) -> UInt64 {
      row == 0 ? 0 : (startSize * UInt64(width)) << UInt64(row - 1)
    }

    /// The number of rows whose blocks hold objects; below them stand tables.
    var directRows: Int {
      maximumDirectSize.trailingZeroBitCount - startSize.trailingZeroBitCount + 2
    }

    /// The rows of a table that stands for a block of this size.
    func rows(coveredBy size: UInt64) -> Int {
      size.trailingZeroBitCount
        - (startSize.trailingZeroBitCount + width.trailingZeroBitCount) + 1
    }
  }

  init(at address: UInt64, in image: FileImage) throws(ModelFileError) {
    self.image = image
    self.address = address
    budget = PieceBudget(image)
    let widths = image.widths
    var header = try image.cursor(
      at: address, count: 26 + 12 * widths.length + 3 * widths.address, of: what)
    try header.expect(signature: "FRHP")
    try header.expect(version: 0)
    identifierSize = try header.count(2)
    let filterBytes = try header.count(2)
    hasChecksums = try header.byte() & 2 != 0
    maximumManagedSize = try header.number(4)
    try header.skip(widths.length)
    hugeTree = try header.address()
    try header.skip(widths.length)
    _ = try header.address()
    try header.skip(8 * widths.length)
    let width = try header.count(2)
    let startSize = try header.length()
    let maximumDirectSize = try header.length()
    let offsetBits = try header.count(2)
    try header.skip(2)
    let root = try header.address()
    let rootRows = try header.count(2)
    guard filterBytes == 0 else {
      throw ModelFileError(
        .unsupported, at: [.byte(image.place(address))],
        "names or attributes are kept in a compressed heap, which is not read",
        remedy: "copy the file: h5repack IN OUT")
    }
    try header.expectChecksum()
    let isSound =
      width > 0 && width & (width - 1) == 0 && startSize.nonzeroBitCount == 1
      && maximumDirectSize.nonzeroBitCount == 1 && startSize <= maximumDirectSize
      && maximumDirectSize <= 1 << 32 && (1...64).contains(offsetBits) && identifierSize > 1
      && startSize.trailingZeroBitCount + width.trailingZeroBitCount + max(rootRows, 1) <= 64
    guard isSound else { throw header.flaw("has a table of blocks that can't be") }
    table = Table(
      width: width, startSize: startSize, maximumDirectSize: maximumDirectSize,
      offsetBits: offsetBits, root: root, rootRows: rootRows)
  }

  /// The bytes of the object of an identifier.
  mutating func object(
    _ identifier: [UInt8], of what: String
  ) throws(ModelFileError) -> ByteCursor {
    var cursor = ByteCursor(
      identifier, origin: image.place(address), widths: image.widths, what: what)
    let first = try cursor.byte()
    switch first >> 4 {
    case 0:
      let offset = try cursor.number((table.offsetBits + 7) / 8)
      return try managed(at: offset, size: try cursor.count(managedSizeWidth), of: what)
    case 1: return try huge(&cursor, of: what)
    case 2:
      var size = Int(first & 15) + 1
      if identifierSize > 17 { size = Int(first & 15) << 8 + Int(try cursor.byte()) + 1 }
      return try cursor.part(size)
    default: throw cursor.flaw("has an identifier of an unknown kind", found: "\(first)")
    }
  }

  /// The bytes of the size of an object in an identifier.
  private var managedSizeWidth: Int {
    let byBlock = (table.maximumDirectSize.trailingZeroBitCount + 7) / 8
    let byLimit = (64 - max(maximumManagedSize, 1).leadingZeroBitCount + 7) / 8
    return min(byBlock, byLimit)
  }

  private func flaw(_ problem: String) -> ModelFileError {
    ModelFileError(.damaged, at: [.byte(image.place(address))], "\(what) \(problem)")
  }

  // MARK: Objects in blocks

  private mutating func managed(
    at offset: UInt64, size: Int, of what: String
  ) throws(ModelFileError) -> ByteCursor {
    let (start, block) = try block(holding: offset)
    var cursor = block
    try cursor.skip(Int(clamping: offset - start))
    return try cursor.part(size, what: what)
  }

  /// The block that an offset of the heap's space lies in, and where it starts there.
  private mutating func block(
    holding offset: UInt64
  ) throws(ModelFileError) -> (start: UInt64, block: ByteCursor) {
    guard let root = table.root else { throw flaw("has no blocks, but objects") }
    guard table.rootRows > 0 else {
      return (0, try block(at: root, start: 0, size: table.startSize))
    }
    var node = root
    var start: UInt64 = 0
    var rows = table.rootRows
    // Tables get smaller from level to level, so this ends.
    while true {
      guard let row = (0..<rows).last(where: { table.rowStart($0) <= offset - start }) else {
        throw flaw("has an object outside of its blocks")
      }
      let size = table.blockSize(row)
      let column = (offset - start - table.rowStart(row)) / size
      guard column < UInt64(table.width) else {
        throw flaw("has an object outside of its blocks")
      }
      let children = try self.children(of: node, rows: rows, start: start)
      guard let child = children[row * table.width + Int(column)] else {
        throw flaw("has an object in a block that is not there")
      }
      start += table.rowStart(row) + column * size
      if row < table.directRows {
        return (start, try block(at: child, start: start, size: size))
      }
      let below = table.rows(coveredBy: size)
      guard below > 0, below < rows else { throw flaw("has tables that do not get smaller") }
      node = child
      rows = below
    }
  }

  private var offsetWidth: Int { (table.offsetBits + 7) / 8 }

  /// The prefix that all blocks have, checked.
  private func takePrefix(
    _ cursor: inout ByteCursor, signature: StaticString, start: UInt64
  ) throws(ModelFileError) {
    try cursor.expect(signature: signature)
    try cursor.expect(version: 0)
    guard try cursor.address() == address, try cursor.number(offsetWidth) == start else {
      throw cursor.flaw("has a block that belongs elsewhere")
    }
  }

  private mutating func children(
    of node: UInt64, rows: Int, start: UInt64
  ) throws(ModelFileError) -> [UInt64?] {
    if let known = nodes[node] { return known }
    let count = rows * table.width
    let size = 5 + image.widths.address + offsetWidth + count * image.widths.address + 4
    try budget.take(node, size, of: what, in: image)
    var cursor = try image.cursor(at: node, count: size, of: what)
    var whole = cursor
    try whole.skip(size - 4)
    try whole.expectChecksum()
    try takePrefix(&cursor, signature: "FHIB", start: start)
    var children: [UInt64?] = []
    for _ in 0..<count { children.append(try cursor.address()) }
    nodes[node] = children
    return children
  }

  private mutating func block(
    at place: UInt64, start: UInt64, size: UInt64
  ) throws(ModelFileError) -> ByteCursor {
    if let known = blocks[start] { return known }
    guard let size = Int(exactly: size) else { throw flaw("has a block that is too large") }
    try budget.take(place, size, of: what, in: image)
    var bytes = try image.bytes(at: place, count: size, of: what)
    let block = ByteCursor(bytes, origin: image.place(place), widths: image.widths, what: what)
    var cursor = block
    try takePrefix(&cursor, signature: "FHDB", start: start)
    if hasChecksums {
      let here = cursor
      let position = cursor.position
      let stored = UInt32(truncatingIfNeeded: try cursor.number(4))
      // The checksum is that of the block with zeros in its place.
      for index in position..<position + 4 { bytes[index] = 0 }
      guard stored == Lookup3.checksum(bytes[...]) else {
        throw here.flaw("does not match its checksum")
      }
    }
    blocks[start] = block
    return block
  }

  // MARK: Objects too large for blocks

  private mutating func huge(
    _ identifier: inout ByteCursor, of what: String
  ) throws(ModelFileError) -> ByteCursor {
    let widths = image.widths
    var place: (address: UInt64, size: UInt64)?
    if widths.address + widths.length <= identifierSize - 1 {
      place = (try identifier.definedAddress(), try identifier.length())
    } else {
      let key = try identifier.number(min(identifierSize - 1, widths.length))
      place = try allHugeObjects()[key]
    }
    guard let place else { throw identifier.flaw("is not in its heap") }
    return try image.cursor(at: place.address, count: Int(clamping: place.size), of: what)
  }

  private mutating func allHugeObjects() throws(ModelFileError) -> [UInt64: (
    address: UInt64, size: UInt64
  )] {
    if let hugeObjects { return hugeObjects }
    guard let hugeTree else { throw flaw("has no tree of large objects") }
    var found: [UInt64: (address: UInt64, size: UInt64)] = [:]
    try RecordTree(at: hugeTree, in: image).forEachRecord(of: 1) { record throws(ModelFileError) in
      let address = try record.definedAddress()
      let size = try record.length()
      found[try record.length()] = (address, size)
    }
    hugeObjects = found
    return found
  }
}
