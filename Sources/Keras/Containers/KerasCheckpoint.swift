import FileSupport
import HDF5
import ModelGraph

/// How a Keras checkpoint is laid out.
public enum KerasContainer: String, Sendable {
  /// A full model in the legacy layout, by any Keras.
  case fullModel = "keras-h5"
  /// Weights only in the legacy layout.
  case weights = "keras-weights-h5"
  /// The layout of Keras 3's `.weights.h5`.
  case version3Weights = "keras-v3-weights"
  /// Any other HDF5 file.
  case plain = "hdf5"
}

/// An HDF5 file of Keras, open for reading: what kind it is, its configuration, and its weights by
/// layer. Numbers are read when asked for.
public struct KerasCheckpoint: Sendable {
  /// How it is laid out.
  public let container: KerasContainer
  /// What wrote it, if it says so.
  public let kerasVersion: String?
  /// The backend of Keras that wrote it, if it says so.
  public let backend: String?
  /// The content of `model_config`, if there is one.
  public let configuration: JSONValue?
  /// The layers that the file lists, in its order. None for containers other than the legacy ones.
  public let layers: [StoredLayer]
  /// The file.
  public let file: HDF5File
  /// The same file, for what can be read without libhdf5.
  let bytes: InputFile

  /// The most weights that a file may list. No model has a hundredth of it.
  private static let maximumWeights = 100_000

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the file's path.
  ///   - locked: whether the file is locked against writers.
  ///   - limits: what is read at most.
  /// - Throws: `ModelFileError` with the path inside the file.
  public init(
    path: String, locked: Bool = true, limits: HDF5Limits = HDF5Limits()
  ) throws(ModelFileError) {
    let file = try HDF5File(readingFrom: path, locked: locked, limits: limits)
    do {
      try self.init(file, bytes: try InputFile(path: path))
    } catch {
      throw error.inFile(path)
    }
  }

  private init(_ file: HDF5File, bytes: InputFile) throws(ModelFileError) {
    self.file = file
    self.bytes = bytes
    let root = file.root
    configuration = try Self.configuration(of: root)
    let weights = try Self.weightsGroup(of: root)
    let isModel = configuration?["config"] != nil
    if isModel || (configuration == nil && weights != nil) {
      container = .fullModel
    } else if configuration == nil, try LegacyNames.isListed(LegacyNames.layers, in: root) {
      container = .weights
    } else if configuration == nil, try Self.hasVersion3Layout(root) {
      container = .version3Weights
    } else {
      container = .plain
    }
    let holder: Group? =
      switch container {
      case .fullModel: weights
      case .weights: root
      case .version3Weights, .plain: nil
      }
    kerasVersion = try Self.text("keras_version", of: root, or: holder)
    backend = try Self.text("backend", of: root, or: holder)
    layers =
      try holder.map { group throws(ModelFileError) in
        try Self.layers(in: group, bytes: bytes)
      } ?? []
  }

  /// Parses `model_config`.
  private static func configuration(of root: Group) throws(ModelFileError) -> JSONValue? {
    guard let attribute = try root.attribute(named: "model_config") else { return nil }
    let text = try attribute.string()
    do throws(ModelFileError) {
      return try JSONParser.parse(Array(text.utf8))
    } catch {
      throw error.at(.path("/"), .option("model_config"))
    }
  }

  private static func weightsGroup(of root: Group) throws(ModelFileError) -> Group? {
    guard case .hard(.group, _) = try root.target(named: LegacyNames.modelWeights) else {
      return nil
    }
    return try root.group(named: LegacyNames.modelWeights)
  }

  /// Keras 3 has `layers` or `vars` at the root; its first form, in Keras 2.12, a name of its own.
  private static func hasVersion3Layout(_ root: Group) throws(ModelFileError) -> Bool {
    for name: LinkName in ["layers", "vars", "_layer_checkpoint_dependencies"] {
      if case .hard(.group, _) = try root.target(named: name) { return true }
    }
    return false
  }

  private static func text(
    _ name: LinkName, of root: Group, or other: Group?
  ) throws(ModelFileError) -> String? {
    for group in [root, other] {
      if let attribute = try group?.attribute(named: name) { return try attribute.string() }
    }
    return nil
  }

  private static func layers(
    in group: Group, bytes: InputFile
  ) throws(ModelFileError) -> [StoredLayer] {
    guard let names = try LegacyNames.read(LegacyNames.layers, of: group) else {
      throw ModelFileError(
        .damaged, at: [.path(group.path.pathText)], "the layers are not listed",
        expected: "an attribute 'layer_names'")
    }
    var layers: [StoredLayer] = []
    var count = 0
    for name in names {
      let path = LegacyNames.path(of: name)
      guard !path.isEmpty else {
        throw ModelFileError(
          .damaged, at: [.path(group.path.pathText)], "the list of layers has an empty name")
      }
      let layer = try group.group(at: path)
      let weightNames = try LegacyNames.read(LegacyNames.weights, of: layer) ?? []
      count += weightNames.count
      guard count <= maximumWeights else {
        throw ModelFileError(
          .damaged, at: [.path(layer.path.pathText)], "the file lists too many weights",
          expected: "at most \(maximumWeights)")
      }
      var weights: [StoredWeight] = []
      for weight in weightNames {
        let dataset = try layer.dataset(at: LegacyNames.path(of: weight))
        weights.append(StoredWeight(name: weight, dataset: dataset, bytes: bytes))
      }
      layers.append(StoredLayer(name: name, weights: weights))
    }
    return layers
  }
}
