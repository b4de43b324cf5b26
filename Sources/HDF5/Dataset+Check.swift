import FileSupport

extension Dataset {
  /// Checks that reading is supported, and that what is declared stands in proportion to what is
  /// stored. Call it before memory for elements is allocated: a small file may declare terabytes.
  ///
  /// Reading calls it too; only the first call of a dataset takes time, which grows with the number of
  /// chunks.
  ///
  /// - Throws: `ModelFileError` as ``checkDecodable()``, of kind `unsupported` for a sound dataset that
  ///   is larger than the file's ``HDF5Limits`` allow, of kind `damaged` for one that is not sound.
  public func checkReadable() throws(ModelFileError) {
    try checkOnce { () throws(ModelFileError) in
      try checkDecodable()
      try object.read { dataset, file throws(ModelFileError) in
        try dataset.dataset(in: file).checkSizes(in: file)
      }
    }
  }

  /// Checks that the elements lie in this file, in a form that can be decoded, however many they are.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a filter that is not there and that a chunk
  ///   went through, or for an unknown order of bytes, of kind `damaged` for virtual or external storage.
  public func checkDecodable() throws(ModelFileError) {
    switch layout {
    case .contiguous, .compact, .chunked: break
    case .virtual:
      throw object.location.error(
        .damaged, "is a virtual dataset, whose elements lie in others; these are not followed",
        remedy: "copy its values into a plain dataset")
    case .external:
      throw object.location.error(
        .damaged, "keeps its elements in another file, which is not read",
        remedy: "copy its values into a plain dataset, for example with h5repack")
    }
    let unknown = try object.read { dataset, file throws(ModelFileError) in
      try dataset.dataset(in: file).unknownFilter(in: file)
    }
    if let filter = unknown {
      throw object.location.error(
        .unsupported, "is compressed with \(filter.name) (filter \(filter.number))",
        expected: "deflate, shuffle or fletcher32",
        remedy: "copy the file where the filter is installed: h5repack -f GZIP=4 IN OUT")
    }
    if !datatype.hasKnownOrder {
      throw object.location.error(
        .unsupported, "holds \(datatype.name) in an order of bytes that is not known")
    }
  }
}

extension StoredDataset {
  /// The first filter that nothing here undoes and that a chunk went through. One that every chunk
  /// skipped, or of a dataset without chunks, is no obstacle.
  fileprivate func unknownFilter(in file: StoredFile) throws(ModelFileError) -> Filter? {
    let unknown = filters.enumerated().filter { !$1.canBeDecoded }
    guard !unknown.isEmpty, case .chunked(let chunks) = layout,
      let grid = SlabGrid(shape, try numbering(chunks, in: file))
    else { return nil }
    let filtered = try chunkTable(chunks, in: file).chunks.filter {
      !chunks.leavesEdgesUnfiltered || !grid.isAtEdge($0.number, shape: chunks.shape)
    }
    return unknown.first { index, _ in filtered.contains { !$0.skips(index) } }?.element
  }

  /// Checks that what is declared stands in proportion to what is stored.
  fileprivate func checkSizes(in file: StoredFile) throws(ModelFileError) {
    guard let declared = shape.byteCount(elementSize: datatype.size) else {
      throw ModelFileError(.damaged, "declares more elements than 64 bits can count")
    }
    guard declared > 0 else { return }
    switch layout {
    case .contiguous(nil, _):
      try file.charge(address, stored: 0, unwritten: declared)
    case .contiguous(let place?, let size):
      try requireRoom(for: declared, in: size ?? declared)
      guard file.image.holds(place, declared) else {
        throw ModelFileError(
          .damaged, at: [.byte(file.image.place(place))], "runs past the end of the file",
          expected: "\(declared) bytes from address \(place) on",
          found: "an end at \(file.image.end)",
          remedy: "check that the download or copy was complete")
      }
      try file.charge(address, stored: declared, unwritten: 0)
    case .compact(let elements): try requireRoom(for: declared, in: UInt64(elements.left))
    case .chunked(let chunks): try checkChunks(chunks, declared, in: file)
    case .virtual: break
    }
  }

  private func requireRoom(
    for declared: UInt64, in stored: UInt64
  ) throws(ModelFileError) {
    guard stored >= declared else {
      throw ModelFileError(
        .damaged, "is stored in fewer bytes than its shape needs", expected: "\(declared) bytes",
        found: "\(stored)")
    }
  }

  private func checkChunks(
    _ chunks: ChunkLayout, _ declared: UInt64, in file: StoredFile
  ) throws(ModelFileError) {
    let limits = file.limits
    let chunk = chunkBytes(chunks)
    guard let chunk else {
      throw ModelFileError(.damaged, "has chunks larger than 64 bits can count")
    }
    let table = try chunkTable(chunks, in: file)
    let (expanded, overflows) = table.storedBytes.multipliedReportingOverflow(
      by: filters.isEmpty ? 1 : limits.expansion)
    guard chunk <= limits.chunkBytes else {
      // What is stored of a sound chunk can be expanded to its size by one pass of deflate.
      let isSound = overflows || chunk <= expanded || table.chunks.isEmpty
      throw ModelFileError(
        isSound ? .unsupported : .damaged, "has chunks too large to be read",
        expected: "at most \(limits.chunkBytes) bytes each", found: "\(chunk)",
        remedy: "copy the file without chunks: h5repack -l CONTI IN OUT")
    }
    guard let grid = SlabGrid(shape, try numbering(chunks, in: file)) else {
      throw ModelFileError(.damaged, "has chunks that do not fit its shape")
    }
    let slab = UInt64(grid.slabElements) * UInt64(datatype.size)
    guard slab <= limits.slabBytes else {
      throw ModelFileError(
        .unsupported, "is cut into chunks across its rows; too many have to be read together",
        expected: "at most \(limits.slabBytes) bytes", found: "\(slab)",
        remedy: "copy the file with other chunks: h5repack -l CONTI IN OUT")
    }
    try file.charge(
      address, stored: table.storedBytes,
      unwritten: overflows || expanded >= declared ? 0 : declared - expanded)
  }
}
