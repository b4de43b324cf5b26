import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph

/// A model that the command line names: a file and, where it does not say so itself, its architecture.
struct ModelSource {
  let model: ModelFile
  let config: ArchitectureFile?
  let dialect: Dialect?
  /// The dialect of a cfg that states none.
  var otherwise = Dialect.standard

  /// A `.weights` file held against its cfg: the one named, or the one beside it.
  ///
  /// - Throws: `ModelFileError`: `usage` if there is no cfg.
  func weights() throws(ModelFileError) -> WeightsFile {
    guard let config = config?.path ?? configBeside(model.path) else {
      throw ModelFileError(
        .usage, file: model.path, "a .weights file does not say what network it belongs to",
        remedy: "name its cfg with --cfg, or put it beside the weights under the same stem")
    }
    return try WeightsFile(
      of: model.file,
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
    let isOwn =
      if let config {
        try !config.mayBeKeras()
      } else {
        try KerasToDarknet.embedsNetwork(try model.checkpoint())
      }
    return isOwn ? try KerasToDarknet(try model.checkpoint(), options) : try raised(options)
  }

  /// A Keras model as the network that is made of its layers, whatever it carries.
  func raised() throws(ModelFileError) -> KerasModelToDarknet {
    try raised(options)
  }

  private func raised(
    _ options: KerasToDarknet.Options
  ) throws(ModelFileError) -> KerasModelToDarknet {
    try KerasModelToDarknet(
      try model.kerasNetwork(config: config), path: model.path, options)
  }

  /// The numbers of a Keras checkpoint as those of the darknet network that it carries, or that is named.
  ///
  /// - Parameter allowsContradiction: whether its own configuration may contradict the network.
  func checkpoint(allowsContradiction: Bool = false) throws(ModelFileError) -> KerasToDarknet {
    var options = options
    options.allowsContradiction = allowsContradiction
    return try KerasToDarknet(try model.checkpoint(), options)
  }

  private var options: KerasToDarknet.Options {
    var options = KerasToDarknet.Options()
    options.config = config?.path
    options.dialect = dialect
    return options
  }

  /// The model, whatever its format.
  ///
  /// - Parameter inputs: gives the shapes of the arrays for a Keras model's inputs, which it
  ///   needs where it leaves extents open.
  func runnable(
    allowsPartial: Bool, inputs: ([KerasNetwork.ModelInput]) throws(ModelFileError) -> [Shape]
  ) throws(ModelFileError) -> RunnableModel {
    switch model.format {
    case .darknetWeights: return try RunnableModel(try weights(), allowsPartial: allowsPartial)
    case .hdf5, .keras:
      if let config, try !config.mayBeKeras() {
        return try RunnableModel(try checkpoint())
      }
      let network = try model.kerasNetwork(config: config)
      return try RunnableModel(network, inputs: try inputs(network.inputs))
    case .darknetConfig:
      throw ModelFileError(
        .damaged, file: model.path, "a cfg holds no numbers to compute with",
        expected: "a .weights file",
        remedy: "name the .weights first, and this file with --cfg")
    }
  }
}
