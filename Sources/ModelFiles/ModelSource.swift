import Conversion
import Darknet
import FileSupport
import Inspection
import Keras
import ModelGraph

/// A model that the command line names: a file and, where it does not say so itself, its architecture.
package struct ModelSource {
  package let model: ModelFile
  let config: ArchitectureFile?
  let dialect: Dialect?
  /// The dialect of a cfg that states none.
  let otherwise: Dialect
  /// How many bytes of a `.weights` file stand before its numbers, if that is told.
  let headerLength: HeaderLength?

  /// A model.
  package init(
    model: ModelFile, config: ArchitectureFile?, dialect: Dialect?,
    otherwise: Dialect = .standard, headerLength: HeaderLength? = nil
  ) {
    self.model = model
    self.config = config
    self.dialect = dialect
    self.otherwise = otherwise
    self.headerLength = headerLength
  }

  /// The numbers of a darknet network, in a `.weights` file or in named tensors, held against its cfg: the one named, or
  /// the one beside the file.
  ///
  /// - Throws: `ModelFileError`: `usage` if there is no cfg.
  func weights() throws(ModelFileError) -> any NetworkWeights {
    let tensors = try model.tensors()
    guard let config = config ?? model.configBeside else {
      guard tensors == nil else { throw ModelFileError.withoutArchitecture(model.path) }
      throw ModelFileError(
        .usage, file: model.path, "a .weights file does not say what network it belongs to",
        remedy: "name its cfg with --cfg, or put it beside the weights under the same stem")
    }
    let stated = tensors.flatMap { TensorWeights.dialect(of: $0) } ?? otherwise
    let network = try Network(try config.configText(), dialect: dialect, otherwise: stated)
    guard let tensors else {
      return try WeightsFile(of: model.file, network: network, headerLength: headerLength)
    }
    return try TensorWeights(tensors, network: network)
  }

  /// Whose layers the numbers are of: what every file of the format says, or what is named, or what stands beside the file;
  /// `nil` if nothing tells.
  func vocabulary() throws(ModelFileError) -> ModelVocabulary? {
    if let vocabulary = model.format.vocabulary { return vocabulary }
    if let config { return try config.mayBeKeras() ? .keras : .darknet }
    if model.configBeside != nil { return .darknet }
    return model.kerasBeside == nil ? nil : .keras
  }

  /// The model that named tensors are of: the one named, or the one beside them; `nil` if nothing tells.
  func architecture(
    of tensors: TensorContainer
  ) throws(ModelFileError) -> TensorInspector.Architecture? {
    if try vocabulary() == .darknet, let config = config ?? model.configBeside {
      let stated = TensorWeights.dialect(of: tensors) ?? otherwise
      return .network(
        try Network(try config.configText(), dialect: dialect, otherwise: stated))
    }
    if let config { return .keras(try config.kerasArchitecture(locked: true)) }
    return model.kerasBeside.map { .keras($0) }
  }

  /// The configuration of a Keras model where the file itself has none: the one named, or that of a file beside it, or what
  /// the file that it is compared with has.
  ///
  /// - Throws: `ModelFileError` if the named file carries none.
  func kerasArchitecture(
    beside other: ModelFile?
  ) throws(ModelFileError) -> KerasArchitecture? {
    if let config, try config.mayBeKeras() { return try config.kerasArchitecture(locked: true) }
    guard try model.checkpoint().configuration == nil else { return nil }
    if let beside = model.kerasBeside { return beside }
    guard let other, other.format.vocabulary == .keras else { return nil }
    return KerasArchitecture(of: try other.checkpoint()) ?? other.kerasBeside
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
    var options = try options()
    options.header = header
    options.limit = limit
    let isOwn = try config == nil ? model.embedsNetwork() : options.config != nil
    guard isOwn else { return try raised(options) }
    do throws(ModelFileError) {
      return try KerasToDarknet(try model.checkpoint(), options)
    } catch {
      guard let made = try? remade(options) else { throw error }
      return made
    }
  }

  /// A Keras model as the network that is named, if that is what `convert` makes of the model: it may have sections for
  /// which the model has no layers.
  private func remade(
    _ options: KerasToDarknet.Options
  ) throws(ModelFileError) -> KerasModelToDarknet? {
    guard let config = options.config else { return nil }
    let named = try Network(config, dialect: options.dialect, otherwise: .standard)
    var options = options
    options.dialect = named.dialect
    let made = try KerasModelToDarknet(
      try model.kerasNetwork(config: nil), path: model.path, options)
    return made.network.isStated(like: named) ? made : nil
  }

  /// A Keras model as the network that is made of its layers, whatever it carries.
  func raised() throws(ModelFileError) -> KerasModelToDarknet {
    try raised(try options())
  }

  private func raised(
    _ options: KerasToDarknet.Options
  ) throws(ModelFileError) -> KerasModelToDarknet {
    try KerasModelToDarknet(
      try model.kerasNetwork(config: config), path: model.path, options)
  }

  /// The numbers of a Keras checkpoint as those of the darknet network that it carries, or that is named.
  func checkpoint() throws(ModelFileError) -> KerasToDarknet {
    try KerasToDarknet(try model.checkpoint(), try options())
  }

  /// What is named, without a Keras model.
  private func options() throws(ModelFileError) -> KerasToDarknet.Options {
    var options = KerasToDarknet.Options()
    if let config, try !config.mayBeKeras() { options.config = try config.configText() }
    options.dialect = dialect
    return options
  }
}
