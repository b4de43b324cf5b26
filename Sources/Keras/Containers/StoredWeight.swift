import FileSupport
import HDF5
import ModelGraph

/// A layer as a checkpoint lists it.
public struct StoredLayer: Sendable {
  /// Its name. Keras 3's layout may have none; then it is the path of its group.
  public let name: LinkName
  /// Its weights. In the legacy layout their position is what counts; names differ between versions of
  /// Keras. In Keras 3's their names do: `vars/0`, `cell/vars/1`.
  public let weights: [StoredWeight]
  /// Where its group lies in Keras 3's layout; `nil` in the legacy one.
  let group: [LinkName]?

  /// Whether its weights are called by numbers only.
  public var isNumbered: Bool { group != nil }

  init(name: LinkName, weights: [StoredWeight], group: [LinkName]? = nil) {
    self.name = name
    self.weights = weights
    self.group = group
  }

  /// The layers of two files that each hold a part; a layer in both has the weights of both.
  static func joined(_ first: [StoredLayer], _ second: [StoredLayer]) -> [StoredLayer] {
    var result = first
    var positions = Dictionary(
      first.enumerated().map { ($1.group, $0) }, uniquingKeysWith: { first, _ in first })
    for layer in second {
      if let position = positions[layer.group] {
        let old = result[position]
        result[position] = StoredLayer(
          name: old.name, weights: old.weights + layer.weights, group: old.group)
      } else {
        positions[layer.group] = result.count
        result.append(layer)
      }
    }
    return result
  }
}

/// A weight of a checkpoint.
public struct StoredWeight: Sendable {
  /// Its name in the layer's list, which may have slashes.
  public let name: LinkName
  /// The dataset with its numbers.
  public let dataset: Dataset
  /// The file that it lies in.
  public let store: WeightStore
  /// Whether the configuration says that opaque numbers of two bytes are bfloat16.
  public var isBrainFloat = false

  init(name: LinkName, dataset: Dataset, store: WeightStore) {
    self.name = name
    self.dataset = dataset
    self.store = store
  }

  /// Where the dataset lies: `/model_weights/conv/conv/kernel:0`.
  public var path: String { dataset.path.pathText }

  /// Where its bytes begin in the file that the user gave, if they lie there in one piece.
  public var offset: UInt64? {
    store.isGiven ? dataset.contiguousOffset.map { store.base + $0 } : nil
  }

  /// The name of its type as numpy calls it.
  public var typeName: String {
    (try? elementType()) == .bfloat16 ? "bfloat16" : dataset.datatype.name
  }

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
    if dataset.datatype.kind == .opaque, dataset.datatype.size == 2, try isMarkedBrainFloat() {
      return .bfloat16
    }
    guard let type = ElementType(dataset.datatype) else {
      throw ModelFileError(
        .unsupported, at: [.path(path)],
        "a weight of type '\(dataset.datatype.name)' can't be read", expected: "numbers")
    }
    return type
  }

  /// Keras stores bfloat16 as bytes without meaning. Keras 3 marks them; of others only the
  /// configuration tells.
  private func isMarkedBrainFloat() throws(ModelFileError) -> Bool {
    if isBrainFloat { return true }
    return try dataset.attribute(named: "dtype")?.texts().first == Array("bfloat16".utf8)
  }

  /// Its bytes, little endian, in C order. What lies in the file in one piece is read from there, and
  /// anything else through the dataset.
  ///
  /// - Throws: as ``shape()`` and ``elementType()``.
  public func source() throws(ModelFileError) -> any TensorSource {
    // Bytes without meaning are bytes all the same.
    if dataset.datatype.kind != .opaque { _ = try elementType() }
    let count = try shape().elementCount * dataset.datatype.size
    if let offset = dataset.contiguousOffset,
      dataset.datatype.order == .little || dataset.datatype.kind == .opaque
        || dataset.datatype.size == 1
    {
      return FileRegion(file: store.bytes, offset: store.base + offset, byteCount: count)
    }
    return DatasetSource(dataset: dataset, byteCount: count)
  }

  private func error(_ problem: String) -> ModelFileError {
    ModelFileError(.damaged, at: [.path(path)], problem)
  }
}

/// A tensor that the dataset has to decode: chunked, filtered, or with its bytes in the other order.
struct DatasetSource: TensorSource {
  let dataset: Dataset
  let byteCount: Int

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    try dataset.read(at: offset, into: buffer)
  }
}
