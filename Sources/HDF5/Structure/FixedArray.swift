import FileSupport

extension ChunkIndex {
  /// An array with an entry for each chunk that there can be, in one block or in pages.
  mutating func readFixedArray(_ address: UInt64) throws(ModelFileError) {
    let what = "the array of its chunks"
    let widths = image.widths
    var header = try image.cursor(
      at: address, count: 12 + widths.length + widths.address, of: what)
    try header.expect(signature: "FAHD")
    try header.expect(version: 0)
    let client = try header.byte()
    let size = try header.count(1)
    let pageBits = try header.count(1)
    let count = try header.length()
    let block = try header.address()
    try header.expectChecksum()
    guard client == (isFiltered ? 1 : 0), size == entrySize, pageBits < 48 else {
      throw header.flaw(
        "has entries that can't be", expected: "\(entrySize) bytes", found: "\(size)")
    }
    guard let block else { return }
    guard count <= image.end else { throw header.flaw("has more entries than the file has bytes") }
    var reader = ArrayPages(
      image: image, what: what, entrySize: size, pageEntries: 1 << UInt64(pageBits))
    let prefix = 6 + widths.address
    if count <= reader.pageEntries {
      var cursor = try reader.piece(at: block, bytes: prefix + Int(count) * size + 4)
      try cursor.expect(signature: "FADB")
      try cursor.skip(prefix - 4)
      for index in 0..<count { try takeEntry(&cursor, at: index) }
      return
    }
    // A bit for each page tells whether it was ever written.
    let pages = (count + reader.pageEntries - 1) / reader.pageEntries
    let bitmapBytes = Int((pages + 7) / 8)
    var cursor = try reader.piece(at: block, bytes: prefix + bitmapBytes + 4)
    try cursor.expect(signature: "FADB")
    try cursor.skip(prefix - 4)
    let written = try cursor.take(bitmapBytes)
    let first = block &+ UInt64(prefix + bitmapBytes + 4)
    for page in 0..<pages where written[Int(page / 8)] & (0x80 >> UInt8(page % 8)) != 0 {
      let start = page * reader.pageEntries
      let entries = min(reader.pageEntries, count - start)
      let place = first &+ page &* UInt64(reader.pageBytes)
      var cursor = try reader.piece(at: place, bytes: Int(entries) * size + 4)
      for index in start..<start + entries { try takeEntry(&cursor, at: index) }
    }
  }
}

/// Reads the pieces of an array, each with a checksum at its end.
struct ArrayPages {
  let image: FileImage
  let what: String
  let entrySize: Int
  /// The entries of a page; a block that would have more is kept in pages.
  let pageEntries: UInt64
  private var budget: PieceBudget

  init(image: FileImage, what: String, entrySize: Int, pageEntries: UInt64) {
    self.image = image
    self.what = what
    self.entrySize = entrySize
    self.pageEntries = pageEntries
    budget = PieceBudget(image)
  }

  /// The bytes of a whole page.
  var pageBytes: Int { Int(clamping: pageEntries) &* entrySize &+ 4 }

  mutating func piece(at address: UInt64, bytes: Int) throws(ModelFileError) -> ByteCursor {
    let cursor = try image.cursor(at: address, count: bytes, of: what)
    try budget.take(address, bytes, of: what, in: image)
    var whole = cursor
    try whole.skip(bytes - 4)
    try whole.expectChecksum()
    return cursor
  }
}
