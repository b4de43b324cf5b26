extension OutputFile {
  /// Appends numbers as a `.npy` file: version 1, little-endian float32 in C order, byte for byte as
  /// `numpy.save` writes it.
  ///
  /// - Precondition: there are as many numbers as the shape has elements.
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public func appendNpy(shape: [Int], values: [Float]) throws(ModelFileError) {
    precondition(shape.reduce(1, *) == values.count, "\(values.count) numbers in \(shape)")
    try append(NpyWriter.header(shape: shape))
    // Band by band, so that a machine of the other byte order needs no second copy of it all.
    for start in stride(from: 0, to: values.count, by: NpyWriter.bandCount) {
      let band = values[start..<min(start + NpyWriter.bandCount, values.count)]
        .map { $0.bitPattern.littleEndian }
      var failure: ModelFileError?
      band.withUnsafeBytes { bytes in
        do throws(ModelFileError) { try append(bytes) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }
}

/// The header that numpy writes.
private enum NpyWriter {
  /// Numbers that are written at a time.
  static let bandCount = 1 << 20
  /// The numbers begin at a multiple of this.
  private static let alignment = 64
  /// numpy leaves room for the first extent to grow to this many digits.
  private static let growthDigits = 21

  static func header(shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ")
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': "
    text += "(\(extents)\(shape.count == 1 ? "," : "")), }"
    if let first = shape.first {
      text += String(repeating: " ", count: max(0, growthDigits - "\(first)".count))
    }
    let start = NpyHeader.magic.count + 4
    let length = text.utf8.count + 1
    let blanks = (alignment - (start + length) % alignment) % alignment
    text += String(repeating: " ", count: blanks) + "\n"
    let count = UInt16(clamping: text.utf8.count)
    return NpyHeader.magic + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
  }
}
