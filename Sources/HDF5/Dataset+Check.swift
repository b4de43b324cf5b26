import FileSupport

extension Dataset {
  /// Checks that reading is supported, and that what is declared stands in proportion to what is
  /// stored. Call it before memory for elements is allocated: a small file may declare terabytes.
  ///
  /// Reading calls it too; only the first call of a dataset takes time, which grows with the number of
  /// chunks.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a filter that is not there, of kind `damaged`
  ///   for virtual or external storage, or for more than the file's ``HDF5Limits`` allow.
  public func checkReadable() throws(ModelFileError) {
    try checkOnce { () throws(ModelFileError) in
      try checkStorageIsOurs()
      try object.read { dataset, file throws(ModelFileError) in
        try dataset.dataset(in: file).checkSizes(in: file)
      }
    }
  }

  private func checkStorageIsOurs() throws(ModelFileError) {
    switch layout {
    case .contiguous, .compact, .chunked: break
    case .virtual:
      throw object.site.error(
        .damaged, "is a virtual dataset, whose elements lie in others; these are not followed",
        remedy: "copy its values into a plain dataset")
    case .external:
      throw object.site.error(
        .damaged, "keeps its elements in another file, which is not read",
        remedy: "copy its values into a plain dataset, for example with h5repack")
    }
    if let filter = filters.first(where: { !$0.canBeDecoded }) {
      throw object.site.error(
        .unsupported, "is compressed with \(filter.name) (filter \(filter.number))",
        expected: "deflate, shuffle or fletcher32",
        remedy: "copy the file where the filter is installed: h5repack -f GZIP=4 IN OUT")
    }
    if !datatype.hasKnownOrder {
      throw object.site.error(
        .unsupported, "holds \(datatype.name) in an order of bytes that is not known")
    }
  }
}

extension StoredDataset {
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
    guard let chunk, chunk <= limits.chunkBytes else {
      throw ModelFileError(
        .damaged, "has chunks too large to be read",
        expected: "at most \(limits.chunkBytes) bytes each",
        found: chunk.map { "\($0)" } ?? "more than 64 bits can count")
    }
    guard let grid = SlabGrid(shape, try numbering(chunks, in: file)) else {
      throw ModelFileError(.damaged, "has chunks that do not fit its shape")
    }
    let slab = UInt64(grid.slabElements) * UInt64(datatype.size)
    guard slab <= limits.slabBytes else {
      throw ModelFileError(
        .damaged, "is cut into chunks across its rows; too many have to be read together",
        expected: "at most \(limits.slabBytes) bytes", found: "\(slab)",
        remedy: "copy the file with other chunks: h5repack -l CONTI IN OUT")
    }
    let stored = try chunkTable(chunks, in: file).storedBytes
    let (expanded, overflows) = stored.multipliedReportingOverflow(
      by: filters.isEmpty ? 1 : limits.expansion)
    try file.charge(
      address, stored: stored,
      unwritten: overflows || expanded >= declared ? 0 : declared - expanded)
  }
}
