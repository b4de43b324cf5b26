import Archive
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
  /// A `.keras` archive.
  case archive = "keras-archive"
  /// Any other HDF5 file.
  case plain = "hdf5"
}

/// A file of Keras, open for reading: what kind it is, its configuration, and its weights by layer.
/// Numbers are read when asked for.
public struct KerasCheckpoint: Sendable {
  /// The file, as the user gave it.
  public private(set) var path = ""
  /// How it is laid out.
  public let container: KerasContainer
  /// What wrote it, if it says so.
  public let kerasVersion: String?
  /// The backend of Keras that wrote it, if it says so.
  public let backend: String?
  /// The model's configuration, if the file carries one.
  public let configuration: JSONValue?
  /// Whether a byte order mark stands before the configuration, which is no part of JSON.
  public var configurationHasByteOrderMark = false
  /// Whether the group of the weights says which Keras wrote them; Keras 2 takes them for Keras 1's if not.
  var weightsNameVersion = true
  /// The layers that have a place in the file, in its order.
  public let layers: [StoredLayer]
  /// What the optimizer keeps for going on with the training.
  public let optimizer: [StoredWeight]
  /// The HDF5 files that hold the numbers: one, several shards, or none that can be read.
  public let stores: [WeightStore]
  /// The size of the file in bytes.
  public let size: UInt64
  /// Why the file is no model, though it looks like one.
  public let defect: ModelFileError?
  /// Why layers may be missing that the file holds, where damage was to be tolerated.
  public let damage: ModelFileError?
  /// What is odd, though the file can be used.
  public let warnings: [ModelWarning]

  /// The HDF5 file, or the first of several.
  public var file: HDF5File? { stores.first?.file }

  /// Opens a file: HDF5, a `.keras` archive, or the index of weights in several files.
  ///
  /// - Parameters:
  ///   - path: the file's path.
  ///   - locked: whether HDF5 files are locked against writers.
  ///   - limits: what is read of an HDF5 file at most.
  ///   - toleratesDamage: whether layers that can't be listed give ``damage`` and are left out, so that what
  ///     else the file holds can be shown.
  /// - Throws: `ModelFileError` with the path inside the file.
  public init(
    path: String, locked: Bool = true, limits: HDF5Limits = HDF5Limits(),
    toleratesDamage: Bool = false
  ) throws(ModelFileError) {
    try self.init(
      of: try InputFile(path: path), locked: locked, limits: limits,
      toleratesDamage: toleratesDamage)
  }

  /// Reads a file that is open already.
  ///
  /// - Throws: as ``init(path:locked:limits:toleratesDamage:)``.
  public init(
    of bytes: InputFile, locked: Bool = true, limits: HDF5Limits = HDF5Limits(),
    toleratesDamage: Bool = false
  ) throws(ModelFileError) {
    let opener = StoreOpener(locked: locked, limits: limits, toleratesDamage: toleratesDamage)
    do {
      switch try FileContent(of: bytes) {
      case .zip: self = try ArchiveReader(bytes, opener).checkpoint()
      case .json: self = try ShardReader(bytes, opener).checkpoint()
      default: self = try HDF5Reader(try opener.open(bytes), opener).checkpoint(size: bytes.size)
      }
    } catch {
      throw error.inFile(bytes.path).explained(by: bytes)
    }
    path = bytes.path
  }

  /// Why the kernels of convolutions can't be used; `nil` if they can.
  public var turnedKernels: ModelFileError? { Self.turnedKernels(by: backend) }

  /// Theano turns kernels around.
  ///
  /// Source: `keras/engine/topology.py: preprocess_weights_for_loading` of Keras 2.
  static func turnedKernels(by backend: String?) -> ModelFileError? {
    guard backend == "theano" else { return nil }
    return ModelFileError(
      .unsupported, at: [.option("backend")],
      "kernels of convolutions that were written with Theano are turned around, which is not "
        + "supported",
      remedy: "load the model in Keras 2 with TensorFlow and save it again")
  }

  init(
    _ container: KerasContainer, size: UInt64, stores: [WeightStore], layers: [StoredLayer] = [],
    optimizer: [StoredWeight] = [], configuration: JSONValue? = nil, kerasVersion: String? = nil,
    backend: String? = nil, defect: ModelFileError? = nil, damage: ModelFileError? = nil,
    warnings: [ModelWarning] = []
  ) {
    self.container = container
    self.size = size
    self.stores = stores
    self.layers = layers
    self.optimizer = optimizer
    self.configuration = configuration
    self.kerasVersion = kerasVersion
    self.backend = backend
    self.defect = defect
    self.damage = damage
    self.warnings = warnings
  }
}
