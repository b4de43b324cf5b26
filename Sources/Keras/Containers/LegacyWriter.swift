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

/// Writes the legacy layout of a full model (`.h5`), which Keras 2 and Keras 3 both load.
///
/// The root carries `model_config`; below `model_weights` stands a group for each layer that has
/// variables, with its datasets directly in it. Keras pairs these with the layers of the rebuilt model by
/// position, so they are listed in the order of ``KerasModel/layers``.
public struct LegacyWriter: Sendable {
  /// How a model is written.
  public struct Options: Sendable {
    /// Deflate level, 1 to 9; `nil` stores the numbers as they are.
    public var compression: Int?

    /// Uncompressed, unless said otherwise.
    public init(compression: Int? = nil) {
      self.compression = compression
    }
  }

  /// The version that the file names. It must begin with 2: without it tf_keras takes the weights for
  /// those of Keras 1 and rearranges some, and a 3 would promise names that `model_config` does not use.
  static let kerasVersion = "2.15.0"
  /// Arrays below this size are never compressed: chunks would cost more than they save.
  private static let smallestCompressed = 4096
  /// The most bytes of a chunk.
  private static let chunkBytes = 1 << 20

  private let options: Options

  /// A writer.
  public init(_ options: Options = Options()) {
    self.options = options
  }

  /// Writes a model into a new file, which may hold other things beside it.
  ///
  /// Memory: the largest parameter whose elements change their order, plus two bands.
  ///
  /// - Parameters:
  ///   - model: a model whose parameters have their bytes.
  ///   - file: a file that was created for writing; it is left open.
  ///   - progress: called with the number of bytes that were just written.
  /// - Returns: every variable in the order of writing.
  /// - Throws: `ModelFileError` from reading the parameters and from writing the file.
  public func write(
    _ model: KerasModel, to file: HDF5File,
    progress: (Int) throws(ModelFileError) -> Void = { _ throws(ModelFileError) in }
  ) throws(ModelFileError) -> [StoredVariable] {
    let weights = try file.root.createGroup(named: LegacyNames.modelWeights)
    for group in [file.root, weights] {
      try group.setAttribute(named: "keras_version", string: Self.kerasVersion)
      try group.setAttribute(named: "backend", string: "tensorflow")
    }
    try file.root.setAttribute(named: "model_config", string: model.configurationText)

    let layers = model.layers.filter { !$0.variables.isEmpty }
    try LegacyNames.write(
      layers.map { LinkName($0.name) }, as: LegacyNames.layers, of: weights)
    var shared = SharedDatasets(model)
    let pipeline = TensorPipeline(try tensors(of: layers, shared))
    var stored: [StoredVariable] = []
    for layer in layers {
      let group = try weights.creatingGroup(at: LegacyNames.path(of: LinkName(layer.name)))
      let names = layer.variables.map { LinkName("\($0.name):0") }
      try LegacyNames.write(names, as: LegacyNames.weights, of: group)
      for (variable, name) in zip(layer.variables, names) {
        let path = (group.path + [name]).pathText
        var digest: String?
        if let (dataset, known) = shared.dataset(of: variable) {
          try group.createHardLink(named: name, to: dataset)
          digest = known
        } else {
          let dataset = try createDataset(for: variable, named: name, in: group)
          digest = try write(variable, to: dataset, from: pipeline, progress: progress)
          shared.add(dataset, digest: digest, of: variable)
        }
        stored.append(
          StoredVariable(
            layer: layer.name, variable: variable.name, parameter: variable.parameter.name,
            path: path, sha256: digest))
      }
    }
    return stored
  }

  private func createDataset(
    for variable: KerasVariable, named name: LinkName, in group: Group
  ) throws(ModelFileError) -> Dataset {
    guard let type = variable.parameter.elementType.datatype else {
      throw ModelFileError(
        .unsupported, at: [.array(variable.parameter.name)],
        "HDF5 has no type for \(variable.parameter.elementType.rawValue)")
    }
    let extents = variable.shape.extents
    var storage = DatasetStorage.contiguous
    if let level = options.compression,
      variable.shape.elementCount * type.size >= Self.smallestCompressed
    {
      let chunk = Self.chunk(of: extents, elementSize: type.size)
      storage = .chunked(chunk.map { UInt64($0) }, deflateLevel: level)
    }
    return try group.createDataset(
      named: name, type: type, shape: .simple(extents.map { UInt64($0) }), storage: storage)
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
  private func tensors(
    of layers: [KerasLayer], _ shared: SharedDatasets
  ) throws(ModelFileError) -> [OrderedTensor] {
    var tensors: [OrderedTensor] = []
    var known: [KerasVariable] = []
    for variable in layers.flatMap(\.variables) {
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
    _ variable: KerasVariable, to dataset: Dataset, from pipeline: TensorPipeline,
    progress: (Int) throws(ModelFileError) -> Void
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

  init(_ model: KerasModel) {
    for variable in model.layers.flatMap(\.variables) {
      uses[variable.parameter.name, default: 0] += 1
    }
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

extension Group {
  /// Creates the group at a path; those on the way may be there already.
  fileprivate func creatingGroup(at path: [LinkName]) throws(ModelFileError) -> Group {
    var group = self
    for name in path {
      let isThere = try group.hasLink(named: name)
      group = isThere ? try group.group(named: name) : try group.createGroup(named: name)
    }
    return group
  }
}
