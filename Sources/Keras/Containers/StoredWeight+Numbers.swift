import FileSupport
import HDF5
import ModelGraph

extension KerasCheckpoint {
  /// A dataset of this file that stands outside its layers, read like a weight.
  public func weight(named name: LinkName, dataset: Dataset, in store: WeightStore) -> StoredWeight
  {
    StoredWeight(name: name, dataset: dataset, store: store)
  }
}

extension StoredWeight {
  /// Its numbers as float32, little endian, in C order. Those of another type are rounded, all at
  /// once, when they are first read.
  ///
  /// - Throws: `ModelFileError` as ``source()``.
  public func floats() throws(ModelFileError) -> any TensorSource {
    if try elementType() == .float32 { return try source() }
    return RoundedSource(dataset: dataset, byteCount: try shape().elementCount * 4)
  }

  /// The SHA-256 of its bytes as stored, little endian, in C order.
  ///
  /// - Throws: `ModelFileError` of the file.
  public func digest() throws(ModelFileError) -> String {
    let source = try source()
    let digest = try SHA256()
    try TensorStream().forEachBand(
      of: source, elementType: .uint8, view: StridedView(contiguous: [source.byteCount])
    ) { digest.update($0) }
    return digest.finish()
  }
}

/// A tensor whose numbers become float32.
private struct RoundedSource: TensorSource {
  let dataset: Dataset
  let byteCount: Int

  /// Reads all numbers and takes the range out of them: weights of other types are few and small.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: byteCount / 4)
    defer { values.deallocate() }
    try dataset.readFloats(into: values)
    let bytes = UnsafeRawBufferPointer(values)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + buffer.count]))
  }
}

extension ValueAdjustment {
  /// The number that was there before ``apply(to:)``, as near as rounding lets it: for a value that was
  /// changed in the checkpoint, so that the original can't be used.
  ///
  /// `v = (√(v′ + insideRoot) − besideRoot)²`, in double precision, rounded once.
  public func revert(_ value: Float) -> Float {
    switch self {
    case .none:
      return value
    case .variance(let beside, let inside):
      guard value >= 0 else { return value }
      let root = (Double(value) + inside).squareRoot() - beside
      return Float(root * root)
    }
  }

  /// All numbers of a float32 tensor as they were before the adjustment. They are held in memory: the
  /// arrays that are adjusted have a number a channel.
  ///
  /// - Throws: `ModelFileError` of the tensor.
  public func reverted(_ source: any TensorSource) throws(ModelFileError) -> any TensorSource {
    var values: [Float] = []
    values.reserveCapacity(source.byteCount / 4)
    try TensorStream().forEachBand(
      of: source, elementType: .float32, view: StridedView(contiguous: [source.byteCount / 4])
    ) { band in
      values += band.bindMemory(to: Float.self).map(revert)
    }
    return MemorySource(values)
  }
}
