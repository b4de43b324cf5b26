import FileSupport

/// The elements of a tensor in an order, in bands that the caller chooses: read where they lie if that is their
/// order, else put in order in memory.
///
/// Invariant: the bytes that were handed out last are valid until the next call.
package final class TensorBands {
  /// How many elements there are.
  package let count: Int
  private let tensor: OrderedTensor
  private let buffer = RawBuffer()
  /// All elements in order, where they don't lie so.
  private var ordered: UnsafeMutableRawBufferPointer?

  /// - Throws: `ModelFileError` of the file.
  package init(_ tensor: OrderedTensor) throws(ModelFileError) {
    self.tensor = tensor
    count = tensor.view.elementCount
    guard tensor.byteCount == tensor.source.byteCount else {
      throw ModelFileError(
        .internalFault, "an array of \(tensor.source.byteCount) bytes is read as \(count) numbers")
    }
    guard !tensor.view.isContiguous else { return }
    ordered = try TensorStream().ordered(
      tensor.source, elementType: tensor.elementType, view: tensor.view, into: buffer)
  }

  /// The bytes of some elements.
  ///
  /// - Throws: `ModelFileError` of the file.
  package func bytes(of range: Range<Int>) throws(ModelFileError) -> UnsafeRawBufferPointer {
    let size = tensor.elementType.byteCount
    if let ordered {
      return UnsafeRawBufferPointer(
        rebasing: ordered[range.lowerBound * size..<range.upperBound * size])
    }
    let band = try buffer.reserving(range.count * size)
    try tensor.source.read(into: band, at: range.lowerBound * size)
    return UnsafeRawBufferPointer(band)
  }
}
