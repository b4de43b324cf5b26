import CHDF5
import FileSupport

extension Dataset {
  /// The number of rows: the extent of the first axis, 1 for a scalar, 0 for a null space.
  public var rowCount: Int {
    Int(clamping: shape.extents.map { $0.first ?? 1 } ?? 0)
  }

  /// The number of elements in some rows, in all if `nil`. It is what the file declares; call
  /// ``checkReadable()`` before allocating memory for it.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` if there are no such rows, of kind `damaged`
  ///   if the elements are more than memory can hold.
  public func elementCount(rows: Range<Int>? = nil) throws(ModelFileError) -> Int {
    let rows = try checked(rows)
    let row = Dataspace.simple(Array((shape.extents ?? []).dropFirst())).elementCount
    guard !rows.isEmpty else { return 0 }
    guard let row, let count = Int(exactly: row) else { throw tooLarge }
    let (total, overflows) = count.multipliedReportingOverflow(by: rows.count)
    guard !overflows, total.multipliedReportingOverflow(by: max(8, datatype.size)).1 == false else {
      throw tooLarge
    }
    return total
  }

  /// Reads rows in the stored type, little endian, in C order, one after the other.
  ///
  /// - Parameters:
  ///   - rows: which rows, all if `nil`.
  ///   - buffer: `elementCount(rows:)` × `datatype.size` bytes.
  /// - Throws: `ModelFileError` of kind `unsupported` for a filter that is not there or a type whose
  ///   elements lie elsewhere, of kind `damaged` for virtual or external storage, for more than the
  ///   file's limits allow, or if the elements can't be read.
  public func read(
    rows: Range<Int>? = nil, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ModelFileError) {
    let selection = try selection(rows, bytes: buffer.count, elementSize: datatype.size)
    try read(at: selection.firstElement * datatype.size, into: buffer)
  }

  /// Reads a range of the bytes that all elements have in the stored type, little endian, in C order. A
  /// dataset that is read so from its start to its end, in pieces of any size, is decoded once.
  ///
  /// - Parameters:
  ///   - offset: where the range starts; it need not be that of an element.
  ///   - buffer: as many bytes as are to be read.
  /// - Throws: `ModelFileError` as ``read(rows:into:)``; of kind `internalFault` for a range that is
  ///   not in the dataset.
  public func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ModelFileError) {
    try checkReadable()
    guard datatype.isSelfContained else {
      throw object.location.error(
        .unsupported, "holds \(datatype.name), which has no bytes of its own")
    }
    let total = try elementCount() * datatype.size
    guard offset >= 0, offset <= total, buffer.count <= total - offset else {
      throw object.location.error(
        .internalFault, "was asked for \(buffer.count) bytes from byte \(offset) on",
        expected: "some of its \(total)")
    }
    try object.read { dataset, file throws(ModelFileError) in
      try dataset.dataset(in: file).read(at: offset, into: buffer, in: file)
    }
  }

  /// Reads rows of a numeric type as float32, rounded to nearest, in C order, one after the other.
  ///
  /// - Parameters:
  ///   - rows: which rows, all if `nil`.
  ///   - buffer: room for `elementCount(rows:)` numbers.
  /// - Throws: `ModelFileError` as ``read(rows:into:)``; of kind `unsupported` for other types.
  public func readFloats(
    rows: Range<Int>? = nil, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(ModelFileError) {
    guard datatype.isNumeric, datatype.hasReadableNumbers else {
      throw object.location.error(
        .unsupported, "holds \(datatype.name)", expected: "floats or integers")
    }
    let selection = try selection(
      rows, bytes: buffer.count * MemoryLayout<Float>.size, elementSize: MemoryLayout<Float>.size)
    let size = datatype.size
    // In pieces, so that no second copy of the whole is needed.
    let piece = try Slab(byteCount: max(1, (1 << 18) / size) * size)
    var done = 0
    while done < buffer.count {
      let count = min(piece.bytes.count / size, buffer.count - done)
      let elements = UnsafeMutableRawBufferPointer(rebasing: piece.bytes[..<(count * size)])
      try read(at: (selection.firstElement + done) * size, into: elements)
      var place = done
      datatype.forEachDouble(in: UnsafeRawBufferPointer(elements)) { value in
        buffer[place] = Float(value)
        place += 1
      }
      done += count
    }
  }

  /// Writes rows, given in the stored type, little endian, in C order.
  ///
  /// - Parameters:
  ///   - rows: which rows, all if `nil`. Bands of a chunked dataset should start and end at multiples of
  ///     the chunk's first extent, or chunks are compressed more than once.
  ///   - buffer: `elementCount(rows:)` × `datatype.size` bytes.
  /// - Throws: `ModelFileError` of kind `inputOutput` if they can't be written.
  public func write(
    rows: Range<Int>? = nil, from buffer: UnsafeRawBufferPointer
  ) throws(ModelFileError) {
    let selection = try selection(rows, bytes: buffer.count, elementSize: datatype.size)
    guard selection.elementCount > 0 else { return }
    let handle = try object.requireHandle()
    try handle.perform { dataset throws(ModelFileError) in
      let type = try datatype.makeIdentifier(at: handle.location)
      let spaces = try selection.makeSpaces(of: dataset, at: handle.location)
      try handle.location.check(
        nn_h5d_write(
          dataset, type.raw, spaces.memory.raw, spaces.file.raw, buffer.baseAddress),
        or: "can't be written")
    }
  }

  private var tooLarge: ModelFileError {
    object.location.error(.damaged, "is larger than memory can hold")
  }

  private func checked(_ rows: Range<Int>?) throws(ModelFileError) -> Range<Int> {
    guard let rows else { return 0..<rowCount }
    guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw object.location.error(
        .internalFault, "was asked for rows \(rows)", expected: "rows within 0..<\(rowCount)")
    }
    return rows
  }

  private func selection(
    _ rows: Range<Int>?, bytes: Int, elementSize: Int
  ) throws(ModelFileError) -> RowSelection {
    let count = try elementCount(rows: rows)
    guard bytes == count * elementSize else {
      throw object.location.error(
        .internalFault, "was given a buffer of the wrong size",
        expected: "\(count * elementSize) bytes", found: "\(bytes)")
    }
    let checkedRows = try checked(rows)
    return RowSelection(
      extents: shape.extents ?? [], rows: checkedRows,
      firstElement: try elementCount(rows: 0..<checkedRows.lowerBound), elementCount: count)
  }
}

/// A band of rows of a dataset.
private struct RowSelection {
  let extents: [UInt64]
  let rows: Range<Int>
  let firstElement: Int
  let elementCount: Int

  /// The space in memory and the space in the file, of equally many elements.
  struct Spaces: ~Copyable {
    let memory: OwnedIdentifier
    let file: OwnedIdentifier
  }

  func makeSpaces(of dataset: hid_t, at location: ObjectLocation) throws(ModelFileError) -> Spaces {
    let file = try location.owned(nn_h5d_space(dataset), or: "its shape can't be read")
    if !extents.isEmpty {
      var start = [UInt64](repeating: 0, count: extents.count)
      var count = extents
      start[0] = UInt64(rows.lowerBound)
      count[0] = UInt64(rows.count)
      try location.check(
        nn_h5s_select_block(file.raw, start, count), or: "its rows can't be selected")
    }
    let memory = try location.owned(
      nn_h5s_simple(1, [UInt64(elementCount)]), or: "its rows can't be selected")
    return Spaces(memory: memory, file: file)
  }
}
