import FileSupport

extension StoredDataset {
  /// Reads a range of the bytes that all elements have in C order, little endian.
  ///
  /// The sizes have been checked, and the range lies within them.
  func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer, in file: StoredFile
  ) throws(ModelFileError) {
    guard !buffer.isEmpty else { return }
    if case .chunked(let chunks) = layout {
      return try readChunks(chunks, at: offset, into: buffer, in: file)
    }
    // Whole elements, so that they can be converted.
    let size = datatype.size
    let first = offset / size * size
    let last = (offset + buffer.count + size - 1) / size * size
    guard first == offset, last == offset + buffer.count else {
      let whole = try Slab(byteCount: last - first)
      try read(at: first, into: whole.bytes, in: file)
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(
          rebasing: whole.bytes[(offset - first)..<(offset - first + buffer.count)]))
      return
    }
    switch layout {
    case .compact(var elements):
      try elements.skip(offset)
      buffer.copyBytes(from: try elements.take(buffer.count))
    case .contiguous(let address?, _):
      try file.image.read(at: address + UInt64(offset), into: buffer, of: "the dataset")
    default: fill(buffer)
    }
    datatype.makeLittleEndian(buffer)
  }

  /// Fills a buffer with the element that stands for those never written, as stored.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    guard let fill, fill.contains(where: { $0 != 0 }) else {
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    for start in stride(from: 0, to: buffer.count, by: fill.count) {
      UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + fill.count])
        .copyBytes(from: fill)
    }
  }

  // MARK: Chunks

  private func readChunks(
    _ chunks: ChunkLayout, at offset: Int, into buffer: UnsafeMutableRawBufferPointer,
    in file: StoredFile
  ) throws(ModelFileError) {
    guard let grid = SlabGrid(shape, try numbering(chunks, in: file)) else { return fill(buffer) }
    let table = try chunkTable(chunks, in: file)
    let size = datatype.size
    var done = 0
    while done < buffer.count {
      let number = grid.slab(holding: (offset + done) / size)
      let elements = grid.elements(of: number)
      let start = offset + done - elements.lowerBound * size
      let count = min(elements.count * size - start, buffer.count - done)
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
      if count == elements.count * size {
        try decode(number, grid, table, chunks, into: target, in: file)
      } else {
        let slab = try slab(number, grid, table, chunks, in: file)
        target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: slab.bytes[start..<start + count]))
      }
      done += count
    }
  }

  /// A slab of which a part is needed; it is kept, for the other parts.
  private func slab(
    _ number: Int, _ grid: SlabGrid, _ table: ChunkTable, _ chunks: ChunkLayout,
    in file: StoredFile
  ) throws(ModelFileError) -> Slab {
    if let kept = file.keptSlab(number, of: address) { return kept }
    // The one before is given back first.
    file.keep(nil, number: 0, of: address)
    let slab = try Slab(byteCount: grid.elements(of: number).count * datatype.size)
    try decode(number, grid, table, chunks, into: slab.bytes, in: file)
    file.keep(slab, number: number, of: address)
    return slab
  }

  private func decode(
    _ number: Int, _ grid: SlabGrid, _ table: ChunkTable, _ chunks: ChunkLayout,
    into slab: UnsafeMutableRawBufferPointer, in file: StoredFile
  ) throws(ModelFileError) {
    guard let bytes = chunkBytes(chunks).flatMap({ Int(exactly: $0) }) else { return }
    let written = table.chunks(in: grid.chunks(of: number))
    fill(slab)
    let size = datatype.size
    let pipeline = ChunkPipeline(filters: filters, elementSize: size, chunkBytes: bytes)
    for chunk in written {
      let isUnfiltered =
        chunks.leavesEdgesUnfiltered && grid.isAtEdge(chunk.number, shape: chunks.shape)
      let elements = try elements(
        of: chunk, isUnfiltered ? nil : pipeline, bytes: bytes, in: file.image)
      elements.withUnsafeBytes { elements in
        grid.forEachRun(ofChunk: chunk.number, shape: chunks.shape) { first, place, count in
          UnsafeMutableRawBufferPointer(rebasing: slab[place * size..<(place + count) * size])
            .copyMemory(
              from: UnsafeRawBufferPointer(
                rebasing: elements[first * size..<(first + count) * size]))
        }
      }
    }
    datatype.makeLittleEndian(slab)
  }

  /// The elements of a chunk, as stored.
  private func elements(
    of chunk: ChunkLocation, _ pipeline: ChunkPipeline?, bytes: Int, in image: FileImage
  ) throws(ModelFileError) -> [UInt8] {
    guard pipeline != nil || chunk.size == UInt64(bytes) else {
      throw ModelFileError(
        .damaged, at: [.byte(image.place(chunk.address))], "its chunk has a wrong size",
        expected: "\(bytes) bytes", found: "\(chunk.size)")
    }
    guard let count = Int(exactly: chunk.size), image.holds(chunk.address, chunk.size) else {
      throw ModelFileError(
        .damaged, at: [.byte(image.place(chunk.address))], "its chunk lies outside of the file")
    }
    try image.requireOpen()
    let stored = try image.file.bytes(at: image.place(chunk.address), count: count)
    guard let pipeline else { return stored }
    do throws(ChunkPipeline.Flaw) {
      return try pipeline.decode(stored, mask: chunk.mask)
    } catch {
      throw ModelFileError(
        .damaged, at: [.byte(image.place(chunk.address))], "its chunk \(error.problem)",
        remedy: "check that the download or copy was complete")
    }
  }
}
