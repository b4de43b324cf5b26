import FileSupport

/// Reads the index of a dataset's chunks.
struct ChunkIndex {
  let image: FileImage
  let numbering: ChunkNumbering
  /// The bytes of a chunk without filters.
  let chunkBytes: UInt64
  let isFiltered: Bool
  var found: [ChunkLocation] = []

  init(
    image: FileImage, numbering: ChunkNumbering, chunkBytes: UInt64, isFiltered: Bool
  ) {
    self.image = image
    self.numbering = numbering
    self.chunkBytes = chunkBytes
    self.isFiltered = isFiltered
  }

  /// All chunks that the index finds.
  mutating func read(_ index: ChunkLayout.Index) throws(ModelFileError) -> ChunkTable {
    switch index {
    case .tree(let address): try readTree(address)
    case .single(let address, let size, let mask):
      found = [
        ChunkLocation(number: 0, address: address, size: size ?? chunkBytes, mask: mask)
      ]
    case .implicit(let address): try readImplicit(address)
    case .fixedArray(let address): try readFixedArray(address)
    case .extensibleArray(let address): try readExtensibleArray(address)
    case .recordTree(let address): try readRecordTree(address)
    }
    return try ChunkTable(found, in: image)
  }

  /// Chunks side by side. They fill the file that they claim to lie in, so they can be listed.
  private mutating func readImplicit(_ address: UInt64) throws(ModelFileError) {
    guard let count = numbering.maximumCount, chunkBytes > 0, count <= image.end / chunkBytes
    else { throw flaw(address, "has more chunks side by side than the file has room for") }
    for index in 0..<count {
      guard let number = numbering.number(atArrayIndex: index) else { continue }
      let (place, overflows) = address.addingReportingOverflow(index * chunkBytes)
      guard !overflows else { throw flaw(address, "has chunks outside of the file") }
      found.append(ChunkLocation(number: number, address: place, size: chunkBytes, mask: 0))
    }
  }

  func flaw(_ address: UInt64, _ problem: String) -> ModelFileError {
    ModelFileError(.damaged, at: [.byte(image.place(address))], problem)
  }

  /// The bytes that the size of a filtered chunk takes in an index.
  private var sizeWidth: Int {
    min(8, 1 + (64 - chunkBytes.leadingZeroBitCount + 7) / 8)
  }

  /// The bytes of an entry of an array.
  var entrySize: Int { image.widths.address + (isFiltered ? sizeWidth + 4 : 0) }

  /// Takes in an entry of an array.
  mutating func takeEntry(
    _ cursor: inout ByteCursor, at index: UInt64
  ) throws(ModelFileError) {
    guard let address = try cursor.address() else {
      try cursor.skip(entrySize - image.widths.address)
      return
    }
    let size = isFiltered ? try cursor.number(sizeWidth) : chunkBytes
    let mask = isFiltered ? UInt32(truncatingIfNeeded: try cursor.number(4)) : 0
    guard let number = numbering.number(atArrayIndex: index) else { return }
    found.append(ChunkLocation(number: number, address: address, size: size, mask: mask))
  }

  /// A tree of records of chunks, with their positions counted in chunks.
  private mutating func readRecordTree(_ address: UInt64) throws(ModelFileError) {
    let rank = numbering.counts.count
    let tree = try RecordTree(at: address, in: image)
    var found: [ChunkLocation] = []
    try tree.forEachRecord(of: isFiltered ? 11 : 10) { record throws(ModelFileError) in
      let address = try record.definedAddress()
      var size = chunkBytes
      var mask: UInt32 = 0
      if isFiltered {
        // The width of sizes is not told, but follows from what is left.
        size = try record.number(min(8, max(0, record.left - 4 - 8 * rank)))
        mask = UInt32(truncatingIfNeeded: try record.number(4))
      }
      var positions: [UInt64] = []
      for _ in 0..<rank { positions.append(try record.number(8)) }
      guard let number = numbering.number(at: positions) else { return }
      found.append(ChunkLocation(number: number, address: address, size: size, mask: mask))
    }
    self.found = found
  }
}
