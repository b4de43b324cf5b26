import CHDF5
import FileSupport

extension Dataset {
  /// What undoes the filters of this dataset's chunks, `nil` where libhdf5 reads it: without filters, or
  /// with others than deflate, shuffle and Fletcher-32.
  var chunkPipeline: ChunkPipeline? {
    guard layout == .chunked, let chunkShape,
      let bytes = Dataspace.simple(chunkShape).byteCount(elementSize: datatype.size)
    else { return nil }
    return ChunkPipeline(
      filters: filters, elementSize: datatype.size, chunkBytes: Int(clamping: bytes))
  }

  /// Reads a band chunk by chunk as stored; libhdf5 only finds the chunks.
  ///
  /// ``checkReadable()`` has passed; `stored` has the size of the band in the stored type.
  func readChunks(
    _ pipeline: ChunkPipeline, rows: Range<Int>, into stored: UnsafeMutableRawBufferPointer
  ) throws(ModelFileError) {
    guard
      let grid = ChunkGrid(
        extents: shape.extents ?? [], chunk: chunkShape ?? [], rows: rows)
    else { throw handle.site.error(.damaged, "has chunks that do not fit its shape") }
    let size = datatype.size
    let fill = try fillValue()
    try grid.forEachChunk { start throws(ModelFileError) in
      guard let raw = try storedChunk(at: start) else {
        grid.forEachRun(inChunkAt: start) { _, band, count in
          for element in band..<band + count {
            UnsafeMutableRawBufferPointer(rebasing: stored[element * size..<(element + 1) * size])
              .copyBytes(from: fill)
          }
        }
        return
      }
      // Outside the lock: undoing filters is most of the work.
      let elements: [UInt8]
      do throws(ChunkPipeline.Flaw) {
        elements = try pipeline.decode(raw.bytes, mask: raw.mask)
      } catch {
        throw handle.site.error(
          .damaged, "its chunk at \(start) \(error.problem)",
          remedy: "check that the download or copy was complete")
      }
      elements.withUnsafeBytes { elements in
        grid.forEachRun(inChunkAt: start) { chunk, band, count in
          UnsafeMutableRawBufferPointer(rebasing: stored[band * size..<(band + count) * size])
            .copyMemory(
              from: UnsafeRawBufferPointer(
                rebasing: elements[chunk * size..<(chunk + count) * size]))
        }
      }
    }
  }

  /// Turns elements of the stored type into another type where they lie, for `bytes` that have room for
  /// the larger of the two.
  func convert(
    _ bytes: UnsafeMutableRawBufferPointer, count: Int,
    to makeType: (hid_t) throws(ModelFileError) -> OwnedIdentifier
  ) throws(ModelFileError) {
    try handle.perform { dataset throws(ModelFileError) in
      let problem = "can't be converted"
      let stored = try handle.site.owned(nn_h5d_type(dataset), or: problem)
      let type = try makeType(stored.raw)
      try handle.site.check(
        nn_h5t_convert(stored.raw, type.raw, count, bytes.baseAddress), or: problem)
    }
  }

  private struct StoredChunk: Sendable {
    let bytes: [UInt8]
    let mask: UInt32
  }

  /// What the file holds of the chunk, `nil` if it was never written.
  private func storedChunk(at start: [Int]) throws(ModelFileError) -> StoredChunk? {
    let start = start.map { UInt64($0) }
    let fileSize = handle.session.size
    let isWriting = handle.site.isWriting
    return try handle.perform { dataset throws(ModelFileError) in
      let problem = "its chunk at \(start) can't be read"
      var size: UInt64 = 0
      try handle.site.check(nn_h5d_chunk_bytes(dataset, start, &size), or: problem)
      guard size > 0 else { return nil }
      guard isWriting || size <= fileSize else {
        throw handle.site.error(
          .damaged, "its chunk at \(start) declares \(size) bytes, more than the file has")
      }
      var mask: UInt32 = 0
      var status: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
        status = nn_h5d_read_chunk(dataset, start, &mask, buffer.baseAddress, buffer.count)
        count = status < 0 ? 0 : Int(size)
      }
      try handle.site.check(status, or: problem)
      return StoredChunk(bytes: bytes, mask: mask)
    }
  }

  /// The element, as stored, that stands for those never written; zeros where none is defined.
  private func fillValue() throws(ModelFileError) -> [UInt8] {
    try handle.perform { dataset throws(ModelFileError) in
      let stored = try handle.site.owned(nn_h5d_type(dataset), or: "its type can't be read")
      var value = [UInt8](repeating: 0, count: datatype.size)
      if nn_h5d_fill_value(dataset, stored.raw, &value) < 0 {
        value = [UInt8](repeating: 0, count: datatype.size)
      }
      return value
    }
  }
}
