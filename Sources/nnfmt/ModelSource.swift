import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph

/// A model that the command line names: a file and, where it does not say so itself, its architecture.
struct ModelSource {
  let path: String
  let config: String?
  let dialect: Dialect?
  /// The dialect of a cfg that states none.
  var otherwise = Dialect.standard
  var locksFile = true

  /// A `.weights` file held against its cfg: the one named, or the one beside it.
  ///
  /// - Throws: `ModelFileError`: `usage` if there is no cfg.
  func weights() throws(ModelFileError) -> WeightsFile {
    guard let config = config ?? configBeside(path) else {
      throw ModelFileError(
        .usage, file: path, "a .weights file does not say what network it belongs to",
        remedy: "name its cfg with --cfg, or put it beside the weights under the same stem")
    }
    return try WeightsFile(
      path: path,
      network: try Network(contentsOf: config, dialect: dialect, otherwise: otherwise))
  }

  /// A Keras model as a darknet one: as the network that it carries or that is named, or else as one that
  /// is made of its layers.
  ///
  /// - Parameters:
  ///   - header: the header to write, if not the carried one.
  ///   - limit: only layers in front of this one are written.
  func toDarknet(
    header: HeaderGeneration?, limit: Int?
  ) throws(ModelFileError) -> any DarknetConversion {
    var options = options
    options.header = header
    options.limit = limit
    if let config {
      return try InputFormat.mayBeKeras(config)
        ? try KerasModelToDarknet(path, options) : try KerasToDarknet(path, options)
    }
    return try KerasToDarknet.carriesNetwork(path, locksFile: locksFile)
      ? try KerasToDarknet(path, options) : try KerasModelToDarknet(path, options)
  }

  /// A Keras model as the network that is made of its layers, whatever it carries.
  func raised() throws(ModelFileError) -> KerasModelToDarknet {
    try KerasModelToDarknet(path, options)
  }

  /// The numbers of a Keras checkpoint as those of the darknet network that it carries, or that is named.
  ///
  /// - Parameter allowsContradiction: whether its own configuration may contradict the network.
  func checkpoint(allowsContradiction: Bool = false) throws(ModelFileError) -> KerasToDarknet {
    var options = options
    options.allowsContradiction = allowsContradiction
    return try KerasToDarknet(path, options)
  }

  private var options: KerasToDarknet.Options {
    var options = KerasToDarknet.Options()
    options.config = config
    options.dialect = dialect
    options.locksFile = locksFile
    return options
  }

  /// The model, whatever its format.
  ///
  /// - Parameter inputs: gives the shapes of the arrays for a Keras model's inputs, which it
  ///   needs where it leaves extents open.
  func model(
    allowsPartial: Bool, inputs: ([KerasNetwork.ModelInput]) throws(ModelFileError) -> [Shape]
  ) throws(ModelFileError) -> RunnableModel {
    switch try InputFormat(of: path) {
    case .darknetWeights: return try RunnableModel(try weights(), allowsPartial: allowsPartial)
    case .hdf5, .keras:
      if let config, try !InputFormat.mayBeKeras(config) {
        return try RunnableModel(try checkpoint())
      }
      let network = try KerasNetwork(path: path, config: config, locked: locksFile)
      return try RunnableModel(network, inputs: try inputs(network.inputs))
    case .darknetConfig:
      throw ModelFileError(
        .damaged, file: path, "a cfg holds no numbers to compute with", expected: "a .weights file",
        remedy: "name the .weights first, and this file with --cfg")
    }
  }
}
