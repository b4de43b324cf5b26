import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph
import Validation

/// One of the two models that `validate` names, seen beside the other one.
package struct ComparisonSide {
  let file: ModelFile
  let other: ModelFile
  /// Whether it is the candidate, for which a cfg beside the reference stands in.
  let isCandidate: Bool
  let config: ArchitectureFile?
  let dialect: Dialect?
  let allowsPartial: Bool

  /// The other model beside this one.
  var flipped: ComparisonSide {
    ComparisonSide(
      file: other, other: file, isCandidate: !isCandidate, config: config, dialect: dialect,
      allowsPartial: allowsPartial)
  }

  /// The file with what is named.
  var source: ModelSource { ModelSource(model: file, config: config, dialect: dialect) }

  /// Whether it holds a Keras model. Named tensors are what `--cfg` says, or what stands beside them, or what the other
  /// file is.
  func isKeras() throws(ModelFileError) -> Bool {
    if let own = try source.vocabulary() { return own == .keras }
    // A network that both were made of is told by what the tensors are called.
    if try other.embedsNetwork(), let tensors = try file.tensors(),
      TensorWeights.dialect(of: tensors) != nil
    {
      return false
    }
    return try flipped.source.vocabulary() == .keras
  }

  /// The cfg that `--cfg` names; it may also name a Keras model.
  func darknetConfig() throws(ModelFileError) -> ArchitectureFile? {
    guard let config, try !config.mayBeKeras() else { return nil }
    return config
  }

  // MARK: The numbers of a darknet network

  /// A network with its own numbers.
  func networkModel() throws(ModelFileError) -> ComparedModel {
    try ComparedModel(try weights(), allowsPartial: allowsPartial)
  }

  /// The numbers of a network, with the cfg that is named or stands beside the file; else with the network that the other
  /// file carries, or that a reference has beside it. What the other file carries, or its cfg states, tells the
  /// dialect too.
  private func weights() throws(ModelFileError) -> any NetworkWeights {
    let carried = try other.embeddedNetwork(dialect: dialect)
    let named = try darknetConfig()
    let takesOthers = named == nil && other.format.vocabulary != .keras
    let othersConfig = takesOthers ? other.configBeside : nil
    let config = named ?? file.configBeside ?? (isCandidate ? othersConfig : nil)
    if config == nil, let carried {
      guard let tensors = try file.tensors() else {
        return try WeightsFile(of: file.file, network: carried)
      }
      return try TensorWeights(tensors, network: carried)
    }
    var stated = carried?.dialect
    if stated == nil { stated = try othersConfig?.configText().statedDialect() }
    return try ModelSource(
      model: file, config: config, dialect: dialect, otherwise: stated ?? .standard
    ).weights()
  }

  // MARK: A Keras model as a darknet network

  /// A Keras file as the network that is named or that it carries, or else beside the other file's network.
  func kerasAsNetworkModel() throws(ModelFileError) -> ComparedModel {
    let named = try darknetConfig()
    let carries = try file.embedsNetwork()
    let isBesideNetwork = try !flipped.isKeras()
    guard isBesideNetwork, other.format.hasNumbers, !carries || named !== config else {
      return try checkpoint(config: try named?.configText(), dialect: dialect)
    }
    return try foreign(as: try flipped.weights().network)
  }

  /// A Keras model that carries no darknet network, beside one. If it is what `convert` made of that network, and has
  /// lost the network since, by the names of its layers; else as `convert` makes a network of it, if that has the
  /// layers of the other one; else by its own layers, which are paired with those of that network, or at least by
  /// its outputs.
  private func foreign(as network: Network) throws(ModelFileError) -> ComparedModel {
    let path = file.path
    if let model = try? checkpoint(config: network.config.text, dialect: network.dialect),
      model.isConvertedByName
    {
      return model
    }
    let source = ModelSource(
      model: file, config: try darknetConfig() == nil ? config : nil, dialect: network.dialect)
    let raised: KerasModelToDarknet?
    let refusal: ModelFileError?
    do {
      raised = try source.raised()
      refusal = nil
    } catch {
      guard error.kind == .unsupported || error.kind == .usage else { throw error }
      raised = nil
      refusal = error
    }
    if let raised, raised.network.hasLayers(like: network) {
      return try ComparedModel(raised, path: path)
    }
    // The layers of a model that is named do not stand in the file itself, and must not be passed over.
    if let raised, source.config != nil, !network.layers.contains(where: \.isHead) {
      return try ComparedModel(raised, path: path)
    }
    do {
      return try checkpoint(config: network.config.text, dialect: network.dialect)
    } catch {
      // Weights alone need not fit a network that was made of their model.
      if let refusal, refusal.kind == .usage { throw refusal }
      // Heads are no layers of Keras.
      if let raised, !network.layers.contains(where: \.isHead) {
        return try ComparedModel(raised, path: path)
      }
      guard [.damaged, .unsupported].contains(error.kind) else { throw error }
      return try ComparedModel(
        try file.kerasNetwork(config: source.config), path: path, beside: network,
        because: refusal ?? error)
    }
  }

  private func checkpoint(
    config: ConfigText?, dialect: Dialect?
  ) throws(ModelFileError) -> ComparedModel {
    var options = KerasToDarknet.Options()
    options.config = config
    options.dialect = dialect
    options.allowsContradiction = true
    let checkpoint = try file.checkpoint()
    return try ComparedModel(try KerasToDarknet(checkpoint, options), of: checkpoint)
  }

  // MARK: A Keras model

  /// A Keras model. Weights without a model of their own are taken for those of the other file's.
  func kerasNetwork() throws(ModelFileError) -> KerasNetwork {
    do {
      return try file.kerasNetwork(config: config)
    } catch {
      guard error.kind == .usage, config == nil,
        let architecture = (try? other.checkpoint()).flatMap(KerasArchitecture.init(of:))
      else { throw error }
      guard let tensors = try file.tensors() else {
        return try KerasNetwork(try file.checkpoint(), architecture: architecture)
      }
      return try KerasNetwork(tensors, architecture: architecture)
    }
  }
}
