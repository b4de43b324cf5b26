import FileSupport
import HDF5
import ModelGraph

/// A layer as a checkpoint lists it.
public struct StoredLayer: Sendable {
  /// Its name.
  public let name: LinkName
  /// Its weights. Their position is what counts; names differ between versions of Keras.
  public let weights: [StoredWeight]
}

/// A weight of a checkpoint.
public struct StoredWeight: Sendable {
  /// Its name in the layer's list, which may have slashes.
  public let name: LinkName
  /// The dataset with its numbers.
  public let dataset: Dataset
  private let bytes: InputFile

  init(name: LinkName, dataset: Dataset, bytes: InputFile) {
    self.name = name
    self.dataset = dataset
    self.bytes = bytes
  }

  /// Where the dataset lies: `/model_weights/conv/conv/kernel:0`.
  public var path: String { dataset.path.pathText }

  /// Its shape as stored.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it has none, or one that memory can't hold.
  public func shape() throws(ModelFileError) -> Shape {
    guard let extents = dataset.shape.extents else {
      throw error("the dataset of a weight has no elements")
    }
    let shape = Shape(extents.map { Int(clamping: $0) })
    guard shape.elementCount <= Int.max / 16 else {
      throw error("the dataset of a weight is larger than any memory")
    }
    return shape
  }

  /// The type of its numbers.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if they are no plain numbers.
  public func elementType() throws(ModelFileError) -> ElementType {
    guard let type = ElementType(dataset.datatype) else {
      throw ModelFileError(
        .unsupported, at: [.path(path)],
        "a weight of type '\(dataset.datatype.name)' can't be read", expected: "numbers")
    }
    return type
  }

  /// Its bytes, little endian, in C order. What lies in the file in one piece is read from there, and
  /// anything else through libhdf5.
  ///
  /// - Throws: as ``shape()`` and ``elementType()``.
  public func source() throws(ModelFileError) -> any TensorSource {
    let count = try shape().elementCount * elementType().byteCount
    if let offset = dataset.contiguousOffset,
      dataset.datatype.order == .little
        || dataset.datatype.size == 1
    {
      return FileRegion(file: bytes, offset: offset, byteCount: count)
    }
    return DatasetSource(dataset: dataset, byteCount: count)
  }

  private func error(_ problem: String) -> ModelFileError {
    ModelFileError(.damaged, at: [.path(path)], problem)
  }
}

/// A tensor that libhdf5 has to read: chunked, filtered, or with its bytes in the other order.
struct DatasetSource: TensorSource {
  let dataset: Dataset
  let byteCount: Int

  /// Reads the rows that the range touches; one that does not consist of whole rows passes through a
  /// buffer of these.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    guard !buffer.isEmpty, dataset.rowCount > 0 else { return }
    let rowBytes = byteCount / dataset.rowCount
    let end = offset + buffer.count
    let rows = offset / rowBytes..<(end + rowBytes - 1) / rowBytes
    if rows.lowerBound * rowBytes == offset, rows.upperBound * rowBytes == end {
      return try dataset.read(rows: rows, into: buffer)
    }
    let whole = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rows.count * rowBytes, alignment: 64)
    defer { whole.deallocate() }
    try dataset.read(rows: rows, into: whole)
    let start = offset - rows.lowerBound * rowBytes
    buffer.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: whole[start..<(start + buffer.count)]))
  }
}
