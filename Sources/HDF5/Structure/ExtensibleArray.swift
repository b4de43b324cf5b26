import FileSupport

extension ChunkIndex {
  /// An array that grows: its first entries and the addresses of its first blocks in an index block,
  /// those of the others in secondary blocks.
  mutating func readExtensibleArray(_ address: UInt64) throws(ModelFileError) {
    let what = "the growing array of its chunks"
    let widths = image.widths
    var header = try image.cursor(
      at: address, count: 16 + 6 * widths.length + widths.address, of: what)
    try header.expect(signature: "EAHD")
    try header.expect(version: 0)
    let client = try header.byte()
    let size = try header.count(1)
    let form = ArrayForm(
      indexBits: try header.count(1), directEntries: try header.count(1),
      minimumEntries: try header.count(1), minimumPointers: try header.count(1),
      pageBits: try header.count(1))
    try header.skip(4 * widths.length)
    let limit = try header.length()
    try header.skip(widths.length)
    let index = try header.address()
    try header.expectChecksum()
    guard client == (isFiltered ? 1 : 0), size == entrySize, form.isSound else {
      throw header.flaw(
        "has a form that can't be", expected: "entries of \(entrySize) bytes", found: "\(size)")
    }
    guard let index else { return }
    var pages = ArrayPages(
      image: image, what: what, entrySize: size, pageEntries: 1 << UInt64(form.pageBits))
    var next = try readIndexBlock(index, form, limit: limit, &pages)
    for (group, secondary) in next.secondary.enumerated() {
      guard next.start < limit else { break }
      let number = form.firstSecondary + group
      if let secondary {
        try readSecondaryBlock(secondary, number, form, start: next.start, limit: limit, &pages)
      }
      next.start += form.entries(inGroup: number)
    }
  }

  private typealias Rest = (start: UInt64, secondary: [UInt64?])

  private mutating func readIndexBlock(
    _ address: UInt64, _ form: ArrayForm, limit: UInt64, _ pages: inout ArrayPages
  ) throws(ModelFileError) -> Rest {
    let widths = image.widths
    let bytes =
      10 + widths.address + form.directEntries * pages.entrySize
      + (form.directBlocks + form.secondaryBlocks) * widths.address
    var cursor = try pages.piece(at: address, bytes: bytes)
    try cursor.expect(signature: "EAIB")
    try cursor.skip(2 + widths.address)
    for entry in 0..<form.directEntries { try takeEntry(&cursor, at: UInt64(entry)) }
    var start = UInt64(form.directEntries)
    for group in 0..<form.firstSecondary {
      for _ in 0..<form.blocks(inGroup: group) {
        let block = try cursor.address()
        if let block, start < limit {
          try readBlock(block, form, entries: form.entries(inBlockOf: group), start, &pages)
        }
        start += form.entries(inBlockOf: group)
      }
    }
    var secondary: [UInt64?] = []
    for _ in 0..<form.secondaryBlocks { secondary.append(try cursor.address()) }
    return (start, secondary)
  }

  private mutating func readSecondaryBlock(
    _ address: UInt64, _ group: Int, _ form: ArrayForm, start: UInt64, limit: UInt64,
    _ reader: inout ArrayPages
  ) throws(ModelFileError) {
    let entries = form.entries(inBlockOf: group)
    let count = form.blocks(inGroup: group)
    // Bits tell which pages were ever written, block after block; room is kept for whole bytes of each.
    let pageCount = entries > reader.pageEntries ? entries / reader.pageEntries : 0
    let bitmapBytes = Int(clamping: (pageCount + 7) / 8)
    let widths = image.widths
    let prefix = 6 + widths.address + form.offsetWidth
    let (bitmaps, overflows) = bitmapBytes.multipliedReportingOverflow(by: count)
    guard !overflows, UInt64(bitmaps) <= image.end, UInt64(count) <= image.end else {
      throw flaw(address, "the growing array of its chunks has a block larger than the file")
    }
    var cursor = try reader.piece(
      at: address, bytes: prefix + bitmaps + count * widths.address + 4)
    try cursor.expect(signature: "EASB")
    try cursor.skip(prefix - 4)
    let written = try cursor.take(bitmaps)
    var start = start
    for block in 0..<count {
      let address = try cursor.address()
      if let address, start < limit {
        let pages = PageBits(bytes: written, first: UInt64(block) * pageCount)
        try readBlock(address, form, entries: entries, start, written: pages, &reader)
      }
      start += entries
    }
  }

  private mutating func readBlock(
    _ address: UInt64, _ form: ArrayForm, entries: UInt64, _ start: UInt64,
    written: PageBits = PageBits(bytes: [], first: 0), _ pages: inout ArrayPages
  ) throws(ModelFileError) {
    let prefix = 6 + image.widths.address + form.offsetWidth
    guard entries <= image.end else {
      throw flaw(address, "the growing array of its chunks has a block larger than the file")
    }
    if entries <= pages.pageEntries {
      var cursor = try pages.piece(
        at: address, bytes: prefix + Int(entries) * pages.entrySize + 4)
      try cursor.expect(signature: "EADB")
      try cursor.skip(prefix - 4)
      for index in start..<start + entries { try takeEntry(&cursor, at: index) }
      return
    }
    var head = try pages.piece(at: address, bytes: prefix + 4)
    try head.expect(signature: "EADB")
    let first = address &+ UInt64(prefix + 4)
    for page in 0..<entries / pages.pageEntries where written.contains(page) {
      var cursor = try pages.piece(
        at: first &+ page &* UInt64(pages.pageBytes), bytes: pages.pageBytes)
      let begin = start + page * pages.pageEntries
      for index in begin..<begin + pages.pageEntries { try takeEntry(&cursor, at: index) }
    }
  }
}

/// Which pages of a block were ever written: a bit for each, the most significant one of a byte first.
private struct PageBits {
  let bytes: [UInt8]
  /// The bit of the block's first page.
  let first: UInt64

  func contains(_ page: UInt64) -> Bool {
    let bit = first + page
    return bit / 8 < UInt64(bytes.count) && bytes[Int(bit / 8)] & (0x80 >> UInt8(bit % 8)) != 0
  }
}

/// How a growing array is cut into blocks: in groups, of which each other one has blocks of twice the
/// entries, and those between twice as many blocks.
struct ArrayForm {
  let indexBits: Int
  /// Entries in the index block.
  let directEntries: Int
  /// Entries of the smallest block.
  let minimumEntries: Int
  /// Pointers of the smallest secondary block.
  let minimumPointers: Int
  let pageBits: Int

  var isSound: Bool {
    (1...60).contains(indexBits) && minimumEntries.nonzeroBitCount == 1
      && minimumPointers.nonzeroBitCount == 1 && minimumPointers > 1
      && minimumEntries.trailingZeroBitCount < indexBits && (1..<48).contains(pageBits)
  }

  /// The bytes of the number of a block's first entry.
  var offsetWidth: Int { (indexBits + 7) / 8 }

  var groups: Int { 1 + indexBits - minimumEntries.trailingZeroBitCount }

  func blocks(inGroup group: Int) -> Int { 1 << (group / 2) }

  func entries(inBlockOf group: Int) -> UInt64 {
    UInt64(minimumEntries) << UInt64((group + 1) / 2)
  }

  func entries(inGroup group: Int) -> UInt64 {
    UInt64(blocks(inGroup: group)) &* entries(inBlockOf: group)
  }

  /// The first group whose blocks are found through a secondary block.
  var firstSecondary: Int { min(groups, 2 * minimumPointers.trailingZeroBitCount) }

  /// The blocks whose addresses stand in the index block.
  var directBlocks: Int { (0..<firstSecondary).reduce(0) { $0 + blocks(inGroup: $1) } }

  var secondaryBlocks: Int { groups - firstSecondary }
}
