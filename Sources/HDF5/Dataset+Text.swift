import FileSupport

extension Dataset {
  /// The bytes of all texts of a dataset of text, without padding, in C order.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it holds no text, if a text is not where it should
  ///   be, or for more than the file's ``HDF5Limits`` allow for an attribute.
  public func texts() throws(ModelFileError) -> [[UInt8]] {
    let limits = try object.read { _, file in file.limits }
    guard let count = shape.elementCount, count <= limits.attributeElements else {
      throw object.location.error(
        .damaged, "holds too many texts", expected: "at most \(limits.attributeElements)")
    }
    var texts: [[UInt8]] = []
    try forEachText { texts.append($0) }
    return texts
  }

  /// Checks that every text of a dataset of text is where it should be, without keeping any.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it holds no text, or if a text is not there.
  public func checkTexts() throws(ModelFileError) {
    try forEachText { _ in }
  }

  private func forEachText(_ body: ([UInt8]) -> Void) throws(ModelFileError) {
    try checkReadable()
    let size = datatype.size
    if case .variableText = datatype.kind, size > 16 {
      throw object.location.error(
        .damaged, "has references to text of a wrong size", found: "\(size)")
    }
    let total = try elementCount() * size
    try object.read { dataset, file throws(ModelFileError) in
      let stored = try dataset.dataset(in: file)
      var textBytes: UInt64 = 0
      var offset = 0
      while offset < total {
        let piece = try Slab(byteCount: min(total - offset, max(1, (1 << 18) / size) * size))
        try stored.read(at: offset, into: piece.bytes, in: file)
        var cursor = ByteCursor(
          Array(piece.bytes), origin: file.image.place(stored.address), widths: file.image.widths,
          what: "the dataset")
        while cursor.left > 0 {
          switch datatype.kind {
          case .fixedText(_, let padding): body(padding.text(of: try cursor.take(size)[...]))
          case .variableText: body(try file.text(at: &cursor, size: size, total: &textBytes))
          default: throw object.location.error(.damaged, "holds \(datatype.name)", expected: "text")
          }
        }
        offset += piece.bytes.count
      }
    }
  }
}

extension StoredFile {
  /// Takes a reference to a text of variable length, and returns the text, up to its first zero.
  ///
  /// - Parameters:
  ///   - size: the bytes of the reference, as its type has them.
  ///   - total: the bytes of the texts so far.
  func text(
    at cursor: inout ByteCursor, size: Int, total: inout UInt64
  ) throws(ModelFileError) -> [UInt8] {
    guard size == 8 + image.widths.address else {
      throw cursor.flaw(
        "has references to text of a wrong size", expected: "\(8 + image.widths.address) bytes",
        found: "\(size)")
    }
    let count = try cursor.count(4)
    let heap = try cursor.address()
    let index = try cursor.count(4)
    guard count > 0, let heap, heap > 0 else { return [] }
    total += UInt64(count)
    // Each text is stored once: elements that share one would be the work of an attacker.
    let limit = min(limits.textBytes, image.end)
    guard total <= limit else {
      throw cursor.flaw("has too much text", expected: "at most \(limit) bytes")
    }
    return Array(try heapText(at: heap, index: index, count: count).prefix { $0 != 0 })
  }
}
