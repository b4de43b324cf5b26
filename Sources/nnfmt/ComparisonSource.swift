import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph
import Validation

/// The two models that `validate` names.
struct ComparisonSource {
  typealias Models = (reference: ComparedModel, candidate: ComparedModel)

  let reference: ModelFile
  let candidate: ModelFile
  let config: ArchitectureFile?
  var dialect: Dialect?
  let allowsPartial: Bool

  /// Opens both: as models of one darknet network if a `.weights` file or a cfg is named, or if both
  /// carry one; else as Keras models.
  ///
  /// - Parameter arrays: the inputs, if there are any.
  /// - Throws: `ModelFileError` of either file.
  func models(_ arrays: InputArrays?) throws(ModelFileError) -> Models {
    try refuseStrayConfig()
    if let models = try tensorsAlone() { return models }
    if try isDarknet() { return try darknetModels() }
    guard dialect == nil else {
      throw ModelFileError(
        .usage, "--dialect says how darknet models are read, but both files are Keras models")
    }
    let first = try keras(reference, beside: candidate)
    let second = try keras(candidate, beside: reference)
    if let arrays { return try models(first, second, of: try arrays.shapes(for: first.inputs)) }
    let candidates = try first.inputsToTry(beside: second)
    var refusal: ModelFileError?
    for shapes in candidates {
      do {
        return try models(first, second, of: shapes)
      } catch {
        guard error.kind == .damaged, candidates.count > 1 else { throw error }
        refusal = refusal ?? error
      }
    }
    throw ModelFileError(
      .usage, file: refusal?.file ?? reference.path, at: refusal?.places ?? [],
      "none of the inputs that were made up for what the model leaves open fits it: "
        + (refusal?.problem ?? ""),
      remedy: "give one that does with --input X.npy")
  }

  /// Both models for arrays of these shapes.
  private func models(
    _ first: KerasNetwork, _ second: KerasNetwork, of shapes: [Shape]
  ) throws(ModelFileError) -> Models {
    (
      try ComparedModel(first, path: reference.path, inputs: shapes),
      // One that takes something else does not match, whatever it is lowered for.
      try ComparedModel(
        second, path: candidate.path,
        inputs: second.takes(shapes) ? shapes : try second.defaultInputs())
    )
  }

  /// Refuses a `--cfg` that nothing would be done with.
  private func refuseStrayConfig() throws(ModelFileError) {
    guard let config, reference.format.kind != .keras, candidate.format.kind != .keras else {
      return
    }
    if reference.format.kind == .config, candidate.format.kind == .config {
      throw ModelFileError(
        .usage, file: config.path, "both files are cfgs themselves: --cfg is for weights",
        remedy: "leave it out")
    }
    // Tensors may be those of a Keras model, too.
    guard reference.format.kind != .tensors, candidate.format.kind != .tensors else { return }
    try config.requireConfig()
  }

  private func isDarknet() throws(ModelFileError) -> Bool {
    guard try isKeras(reference, beside: candidate), try isKeras(candidate, beside: reference)
    else { return true }
    if config != nil { return try darknetConfig() != nil }
    for file in [reference, candidate] {
      guard try file.embedsNetwork() else { return false }
    }
    return true
  }

  /// Whether a file holds a Keras model. Named tensors are what `--cfg` says, or what stands beside them, or what the
  /// other file is.
  private func isKeras(
    _ file: ModelFile, beside other: ModelFile
  ) throws(ModelFileError) -> Bool {
    guard file.format.kind == .tensors else { return file.format.kind == .keras }
    if let kind = try kind(ofTensors: file) { return kind == .keras }
    if other.format.kind == .tensors { return try kind(ofTensors: other) == .keras }
    // A network that both were made of is told by what the tensors are called.
    let isCarried = try other.embedsNetwork()
    if isCarried, try isOfDarknet(file) { return false }
    return other.format.kind == .keras
  }

  private func kind(ofTensors file: ModelFile) throws(ModelFileError) -> ModelKind? {
    try ModelSource(model: file, config: config, dialect: dialect).tensorKind()
  }

  /// Whether tensors were a darknet network's when they were written.
  private func isOfDarknet(_ file: ModelFile) throws(ModelFileError) -> Bool {
    guard let tensors = try file.tensors() else { return false }
    return TensorWeights.dialect(of: tensors) != nil
  }

  /// Both files, if both hold tensors and nothing tells what they are of.
  private func tensorsAlone() throws(ModelFileError) -> Models? {
    guard reference.format.kind == .tensors, candidate.format.kind == .tensors,
      try kind(ofTensors: reference) == nil, try kind(ofTensors: candidate) == nil,
      let first = try reference.tensors(), let second = try candidate.tensors()
    else { return nil }
    return (ComparedModel(first), ComparedModel(second))
  }

  // MARK: Darknet models

  /// Both models by the dialect that is named, or that one of the files tells; else by darknet's most common
  /// one. Where that can't read two files of darknet's own and a single other one can, by that: their dialect
  /// stands nowhere.
  private func darknetModels() throws(ModelFileError) -> Models {
    do {
      return (
        try darknet(reference, beside: candidate), try darknet(candidate, beside: reference)
      )
    } catch {
      guard dialect == nil, reference.format.kind != .keras, candidate.format.kind != .keras,
        [.damaged, .unsupported].contains(error.kind)
      else { throw error }
      var readings: [(Dialect, Models)] = []
      for other in Dialect.standard.others {
        var source = self
        source.dialect = other
        if let models = try? source.darknetModels() {
          readings.append((other, models))
        }
      }
      guard readings.count == 1, let (only, models) = readings.first else { throw error }
      let warning = ModelWarning(
        file: error.file ?? reference.path, at: error.places,
        "read as \(only.rawValue)'s darknet, since \(Dialect.standard.rawValue)'s can't read it: "
          + error.problem)
      return (models.reference.adding(warning), models.candidate)
    }
  }

  /// The cfg that `--cfg` names; it may also name a Keras model.
  private func darknetConfig() throws(ModelFileError) -> ArchitectureFile? {
    guard let config, try !config.mayBeKeras() else { return nil }
    return config
  }

  private func darknet(
    _ file: ModelFile, beside other: ModelFile
  ) throws(ModelFileError) -> ComparedModel {
    switch file.format.kind {
    case .weights:
      return try ComparedModel(try weights(file, beside: other), allowsPartial: allowsPartial)
    case .tensors where try !isKeras(file, beside: other):
      return try ComparedModel(try weights(file, beside: other), allowsPartial: allowsPartial)
    case .keras, .tensors:
      let named = try darknetConfig()
      let carries = try file.embedsNetwork()
      let isBesideNetwork = try !isKeras(other, beside: file) && other.format.kind != .config
      guard isBesideNetwork, !carries || named !== config else {
        return try checkpoint(file, config: named, dialect: dialect)
      }
      return try foreign(file, as: try weights(other, beside: file).network)
    case .config:
      if other.format.kind == .config {
        return ComparedModel(
          try Network(
            contentsOf: file.path, dialect: dialect,
            otherwise: try Dialect.stated(inFile: other.path) ?? .standard))
      }
      throw ModelFileError(
        .damaged, file: file.path, "a cfg holds no numbers to compare",
        expected: "a .weights or .h5 file",
        remedy: "name the cfg with --cfg")
    }
  }

  /// A `.weights` file with the cfg that is named or stands beside it; else with the network that the other
  /// file carries, or that a reference has beside it. What the other file carries, or its cfg states, tells the
  /// dialect too.
  private func weights(
    _ file: ModelFile, beside other: ModelFile
  ) throws(ModelFileError) -> any NetworkWeights {
    let carried =
      other.format.kind == .keras
      ? try KerasToDarknet.embeddedNetwork(try other.checkpoint(), dialect: dialect) : nil
    let config =
      try darknetConfig()?.path ?? file.configBeside
      ?? (file === candidate && other.format.kind != .keras
        ? reference.configBeside : nil)
    if config == nil, let carried {
      guard let tensors = try file.tensors() else {
        return try WeightsFile(of: file.file, network: carried)
      }
      return try TensorWeights(tensors, network: carried)
    }
    var stated = carried?.dialect
    if stated == nil, other.format.kind != .keras,
      let beside = other.configBeside
    {
      stated = try Dialect.stated(inFile: beside)
    }
    return try ModelSource(
      model: file, config: config.map(ArchitectureFile.init), dialect: dialect,
      otherwise: stated ?? .standard
    ).weights()
  }

  /// A Keras model that carries no darknet network, beside one: as `convert` makes a network of it, if that
  /// has the layers of the other one; else by its own layers, which are paired with those of that network, or
  /// at least by its outputs.
  private func foreign(
    _ file: ModelFile, as network: Network
  ) throws(ModelFileError) -> ComparedModel {
    let path = file.path
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
      return try checkpoint(
        file, config: ArchitectureFile(network.config.path), dialect: network.dialect)
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
    _ file: ModelFile, config: ArchitectureFile?, dialect: Dialect?
  ) throws(ModelFileError) -> ComparedModel {
    let source = ModelSource(model: file, config: config, dialect: dialect)
    return try ComparedModel(
      try source.checkpoint(allowsContradiction: true), of: try file.checkpoint())
  }

  // MARK: Keras models

  /// A Keras model. Weights without a model of their own are taken for those of the other file's.
  private func keras(
    _ file: ModelFile, beside other: ModelFile
  ) throws(ModelFileError) -> KerasNetwork {
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
