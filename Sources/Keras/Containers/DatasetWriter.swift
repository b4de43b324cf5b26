import FileSupport
import HDF5
import ModelGraph

/// A variable that was written.
public struct StoredVariable: Sendable, Equatable {
  /// The layer's name.
  public let layer: String
  /// The variable's name within the layer.
  public let variable: String
  /// The parameter whose numbers it holds.
  public let parameter: String
  /// Where the dataset lies in the file: `/model_weights/conv/kernel:0`.
  public let path: String
  /// The SHA-256 of the dataset's bytes, of a variable whose numbers were adjusted.
  public let sha256: String?
}

/// Writes the variables of a model into datasets, one after the other, in the order in which they are announced.
///
/// An array of a darknet network that several variables hold is stored once; the others are hard links to its dataset.
struct DatasetWriter {
  /// Arrays below this size are never compressed: chunks would cost more than they save.
  private static let smallestCompressed = 4096
  /// The most bytes of a chunk.
  private static let chunkBytes = 1 << 20

  /// Where a variable belongs.
  struct Place {
    let layer: String
    let group: Group
    let name: LinkName
  }

  private let compression: Int?
  private let pipeline: TensorPipeline
  private var shared: SharedDatasets
  /// Every variable that was written, in order.
  private(set) var stored: [StoredVariable] = []

  /// - Parameters:
  ///   - variables: all that will be written, in order.
  ///   - shares: whether variables whose parameters have one name hold one array.
  ///   - compression: a deflate level from 1 to 9, `nil` for none.
  init(
    _ variables: [KerasVariable], shares: Bool, compression: Int?
  ) throws(ModelFileError) {
    self.compression = compression
    shared = SharedDatasets(shares ? variables : [])
    pipeline = TensorPipeline(try Self.tensors(of: variables, shared))
  }

  /// Called with the number of bytes that were just written.
  typealias Progress = (Int) throws(ModelFileError) -> Void

  /// Writes the next variable.
  mutating func write(
    _ variable: KerasVariable, at place: Place, progress: Progress
  ) throws(ModelFileError) {
    var digest: String?
    if let (dataset, known) = shared.dataset(of: variable) {
      try place.group.createHardLink(named: place.name, to: dataset)
      digest = known
    } else {
      let dataset = try createDataset(for: variable, at: place)
      digest = try write(variable, to: dataset, progress)
      shared.add(dataset, digest: digest, of: variable)
    }
    stored.append(
      StoredVariable(
        layer: place.layer, variable: variable.name, parameter: variable.parameter.name,
        path: (place.group.path + [place.name]).pathText, sha256: digest))
  }

  private func createDataset(
    for variable: KerasVariable, at place: Place
  ) throws(ModelFileError) -> Dataset {
    let element = variable.parameter.elementType
    // Keras 3 has no type for it either, and says so beside the bytes.
    let type = element == .bfloat16 ? Datatype.opaque(size: 2) : element.datatype
    guard let type else {
      throw ModelFileError(
        .unsupported, at: [.array(variable.parameter.name)],
        "HDF5 has no type for \(element.rawValue)")
    }
    let extents = variable.shape.extents
    var storage = DatasetStorage.contiguous
    if let level = compression, !extents.isEmpty,
      variable.shape.elementCount * type.size >= Self.smallestCompressed
    {
      let chunk = Self.chunk(of: extents, elementSize: type.size)
      storage = .chunked(chunk.map { UInt64($0) }, deflateLevel: level)
    }
    let shape: Dataspace = extents.isEmpty ? .scalar : .simple(extents.map { UInt64($0) })
    let dataset = try place.group.createDataset(
      named: place.name, type: type, shape: shape, storage: storage)
    if element == .bfloat16 {
      // Keras compares it with a text (`keras/src/saving/saving_lib.py: H5Entry`).
      try dataset.setAttribute(named: "dtype", string: element.rawValue, isVariable: true)
    }
    return dataset
  }

  /// The extents of a chunk: outer axes are cut first, so that a chunk is one run of the elements.
  private static func chunk(of extents: [Int], elementSize: Int) -> [Int] {
    var chunk = extents
    for axis in chunk.indices {
      let inner = chunk[(axis + 1)...].reduce(elementSize, *)
      chunk[axis] = min(chunk[axis], max(chunkBytes / inner, 1))
    }
    return chunk
  }

  /// The tensors in the order in which they are written, those left out that are linked to instead.
  private static func tensors(
    of variables: [KerasVariable], _ shared: SharedDatasets
  ) throws(ModelFileError) -> [OrderedTensor] {
    var tensors: [OrderedTensor] = []
    var known: [KerasVariable] = []
    for variable in variables {
      let parameter = variable.parameter
      guard let source = parameter.source else {
        throw ModelFileError(
          .internalFault, at: [.array(parameter.name)], "a parameter without numbers is written")
      }
      if shared.isShared(variable) {
        if known.contains(where: { SharedDatasets.isSame($0, variable) }) { continue }
        known.append(variable)
      }
      tensors.append(
        OrderedTensor(source: source, elementType: parameter.elementType, view: variable.view))
    }
    return tensors
  }

  private func write(
    _ variable: KerasVariable, to dataset: Dataset, _ progress: Progress
  ) throws(ModelFileError) -> String? {
    let parameter = variable.parameter
    let digest = variable.adjustment != .none ? try SHA256() : nil
    var writer = try RowWriter(dataset)
    try pipeline.withNext { band throws(ModelFileError) in
      try variable.adjustment.withAdjusted(
        band, elementType: parameter.elementType
      ) { bytes throws(ModelFileError) in
        digest?.update(bytes)
        try writer.append(bytes)
        try progress(bytes.count)
      }
    }
    try writer.finish()
    return digest?.finish()
  }
}

/// The datasets that more than one variable holds.
private struct SharedDatasets {
  private typealias Entry = (variable: KerasVariable, dataset: Dataset, digest: String?)
  private var uses: [String: Int] = [:]
  private var entries: [String: [Entry]] = [:]

  init(_ variables: [KerasVariable]) {
    for variable in variables { uses[variable.parameter.name, default: 0] += 1 }
  }

  /// A dataset with exactly these numbers in this shape, with its digest.
  func dataset(of variable: KerasVariable) -> (Dataset, String?)? {
    let same = entries[variable.parameter.name]?.first { Self.isSame($0.variable, variable) }
    return same.map { ($0.dataset, $0.digest) }
  }

  /// Whether two variables hold exactly the same numbers in the same shape.
  static func isSame(_ a: KerasVariable, _ b: KerasVariable) -> Bool {
    a.parameter.name == b.parameter.name && a.shape == b.shape && a.view == b.view
      && a.adjustment == b.adjustment
  }

  /// Whether the parameter of a variable is that of another one too.
  func isShared(_ variable: KerasVariable) -> Bool { uses[variable.parameter.name, default: 0] > 1 }

  /// Remembers a dataset, if its parameter is used again. All others can be closed.
  mutating func add(_ dataset: Dataset, digest: String?, of variable: KerasVariable) {
    guard isShared(variable) else { return }
    entries[variable.parameter.name, default: []].append((variable, dataset, digest))
  }
}
