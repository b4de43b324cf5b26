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
    guard !isChecked.withLock({ $0 }) else { return }
    try checkStorageIsOurs()
    guard let declared = declaredBytes else {
      throw handle.site.error(.damaged, "declares more elements than 64 bits can count")
    }
    // While it is being written, nothing hostile can be in it.
    if declared > 0, !handle.site.isWriting {
      switch layout {
      case .contiguous, .compact: try checkUnfiltered(declared)
      case .chunked: try checkChunks(declared)
      case .virtual, .external, .unknown: break
      }
    }
    isChecked.withLock { $0 = true }
  }

  private func checkStorageIsOurs() throws(ModelFileError) {
    switch layout {
    case .contiguous, .compact, .chunked: break
    case .virtual:
      throw handle.site.error(
        .damaged, "is a virtual dataset, whose elements lie in others; these are not followed",
        remedy: "copy its values into a plain dataset")
    case .external:
      throw handle.site.error(
        .damaged, "keeps its elements in another file, which is not read",
        remedy: "copy its values into a plain dataset, for example with h5repack")
    case .unknown:
      throw handle.site.error(.unsupported, "has a layout that is not known")
    }
    let missing = try handle.perform { _ in filters.filter { !$0.canBeDecoded } }
    if let filter = missing.first {
      throw handle.site.error(
        .unsupported, "is compressed with \(filter.name) (filter \(filter.number))",
        expected: "deflate, shuffle, fletcher32 or another filter of libhdf5's own",
        remedy: "copy the file where the filter is installed: h5repack -f GZIP=4 IN OUT")
    }
  }

  private func checkUnfiltered(_ declared: UInt64) throws(ModelFileError) {
    let stored = try storedBytes
    let isAllocated = layout == .compact || contiguousOffset != nil
    guard isAllocated else { return try checkUnwritten(declared) }
    guard stored >= declared else {
      throw handle.site.error(
        .damaged, "is stored in fewer bytes than its shape needs", expected: "\(declared) bytes",
        found: "\(stored)")
    }
    if let contiguousOffset {
      let (end, overflows) = contiguousOffset.addingReportingOverflow(declared)
      guard !overflows, end <= handle.session.size else {
        throw handle.site.error(
          .damaged, "runs past the end of the file",
          expected: "\(declared) bytes from byte \(contiguousOffset) on",
          found: "a file of \(handle.session.size) bytes",
          remedy: "check that the download or copy was complete")
      }
    }
  }

  private func checkChunks(_ declared: UInt64) throws(ModelFileError) {
    let limits = handle.session.limits
    let chunk = Dataspace.simple(chunkShape ?? []).byteCount(elementSize: datatype.size)
    guard let chunk, chunk <= limits.chunkBytes else {
      throw handle.site.error(
        .damaged, "has chunks too large to be read",
        expected: "at most \(limits.chunkBytes) bytes each",
        found: chunk.map { "\($0)" } ?? "more than 64 bits can count")
    }
    let stored = try storedBytes
    guard stored <= handle.session.size else {
      throw handle.site.error(
        .damaged, "declares \(stored) stored bytes, more than the file has")
    }
    let (expanded, overflows) = stored.multipliedReportingOverflow(
      by: filters.isEmpty ? 1 : limits.expansion)
    try checkUnwritten(overflows || expanded >= declared ? 0 : declared - expanded)
  }

  private func checkUnwritten(_ bytes: UInt64) throws(ModelFileError) {
    let limit = handle.session.limits.unwrittenBytes
    guard bytes <= limit else {
      throw handle.site.error(
        .damaged, "declares far more than the file stores of it",
        expected: "at most \(limit) bytes that were never written", found: "\(bytes)")
    }
  }
}
