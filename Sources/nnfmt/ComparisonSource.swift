import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph
import Validation

/// The two models that `validate` names.
struct ComparisonSource {
  typealias Models = (reference: ComparedModel, candidate: ComparedModel)

  let reference: String
  let candidate: String
  let config: String?
  var dialect: Dialect?
  let allowsPartial: Bool
  let locksFile: Bool

  /// Opens both: as models of one darknet network if a `.weights` file or a cfg is named, or if both
  /// carry one; else as Keras models.
  ///
  /// - Parameter arrays: the inputs, if there are any.
  /// - Throws: `ModelFileError` of either file.
  func models(_ arrays: InputArrays?) throws(ModelFileError) -> Models {
    let formats = (try InputFormat(of: reference), try InputFormat(of: candidate))
    try refuseStrayConfig(formats.0, formats.1)
    if try isDarknet(formats.0, formats.1) { return try darknetModels(formats.0, formats.1) }
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
      .usage, file: refusal?.file ?? reference, at: refusal?.places ?? [],
      "none of the inputs that were made up for what the model leaves open fits it: "
        + (refusal?.problem ?? ""),
      remedy: "give one that does with --input X.npy")
  }

  /// Both models for arrays of these shapes.
  private func models(
    _ first: KerasNetwork, _ second: KerasNetwork, of shapes: [Shape]
  ) throws(ModelFileError) -> Models {
    (
      try ComparedModel(first, path: reference, inputs: shapes),
      // One that takes something else does not match, whatever it is lowered for.
      try ComparedModel(
        second, path: candidate,
        inputs: second.takes(shapes) ? shapes : try second.defaultInputs())
    )
  }

  /// Refuses a `--cfg` that nothing would be done with.
  private func refuseStrayConfig(
    _ first: InputFormat, _ second: InputFormat
  ) throws(ModelFileError) {
    guard let config, !first.isKeras, !second.isKeras else { return }
    if first == .darknetConfig, second == .darknetConfig {
      throw ModelFileError(
        .usage, file: config, "both files are cfgs themselves: --cfg is for weights",
        remedy: "leave it out")
    }
    let file = try InputFile(path: config)
    if let refusal = try FileContent(of: file).refusalAsConfig(file) { throw refusal }
  }

  private func isDarknet(
    _ first: InputFormat, _ second: InputFormat
  ) throws(ModelFileError) -> Bool {
    guard first.isKeras, second.isKeras else { return true }
    if config != nil { return try darknetConfig() != nil }
    for path in [reference, candidate] {
      guard try KerasToDarknet.carriesNetwork(path, locksFile: locksFile) else { return false }
    }
    return true
  }

  // MARK: Darknet models

  /// Both models by the dialect that is named, or that one of the files tells; else by darknet's most common
  /// one. Where that can't read two files of darknet's own and a single other one can, by that: their dialect
  /// stands nowhere.
  private func darknetModels(
    _ first: InputFormat, _ second: InputFormat
  ) throws(ModelFileError) -> Models {
    do {
      return (
        try darknet(reference, first, beside: candidate, second),
        try darknet(candidate, second, beside: reference, first)
      )
    } catch {
      guard dialect == nil, !first.isKeras, !second.isKeras,
        [.damaged, .unsupported].contains(error.kind)
      else { throw error }
      var readings: [(Dialect, Models)] = []
      for other in Dialect.standard.others {
        var source = self
        source.dialect = other
        if let models = try? source.darknetModels(first, second) {
          readings.append((other, models))
        }
      }
      guard readings.count == 1, let (only, models) = readings.first else { throw error }
      let warning = ModelWarning(
        file: error.file ?? reference, at: error.places,
        "read as \(only.rawValue)'s darknet, since \(Dialect.standard.rawValue)'s can't read it: "
          + error.problem)
      return (models.reference.adding(warning), models.candidate)
    }
  }

  /// The cfg that `--cfg` names; it may also name a Keras model.
  private func darknetConfig() throws(ModelFileError) -> String? {
    guard let config, try !InputFormat.mayBeKeras(config) else { return nil }
    return config
  }

  private func darknet(
    _ path: String, _ format: InputFormat, beside other: String, _ otherFormat: InputFormat
  ) throws(ModelFileError) -> ComparedModel {
    switch format {
    case .darknetWeights:
      return try ComparedModel(
        try weights(path, beside: other, otherFormat), allowsPartial: allowsPartial)
    case .hdf5, .keras:
      let named = try darknetConfig()
      let carries = try KerasToDarknet.carriesNetwork(path, locksFile: locksFile)
      guard otherFormat == .darknetWeights, !carries || named != config else {
        return try checkpoint(path, config: named, dialect: dialect)
      }
      return try foreign(path, as: try weights(other, beside: path, format).network)
    case .darknetConfig:
      if otherFormat == .darknetConfig {
        return ComparedModel(
          try Network(
            contentsOf: path, dialect: dialect,
            otherwise: try Dialect.stated(inFile: other) ?? .standard))
      }
      throw ModelFileError(
        .damaged, file: path, "a cfg holds no numbers to compare",
        expected: "a .weights or .h5 file",
        remedy: "name the cfg with --cfg")
    }
  }

  /// A `.weights` file with the cfg that is named or stands beside it; else with the network that the other
  /// file carries, or that a reference has beside it. What the other file carries, or its cfg states, tells the
  /// dialect too.
  private func weights(
    _ path: String, beside other: String, _ otherFormat: InputFormat
  ) throws(ModelFileError) -> WeightsFile {
    let carried =
      otherFormat.isKeras
      ? try KerasToDarknet.carriedNetwork(other, dialect: dialect, locksFile: locksFile) : nil
    let config =
      try darknetConfig() ?? configBeside(path)
      ?? (otherFormat == .darknetWeights && path == candidate ? configBeside(reference) : nil)
    if config == nil, let carried { return try WeightsFile(path: path, network: carried) }
    var stated = carried?.dialect
    if stated == nil, otherFormat == .darknetWeights, let beside = configBeside(other) {
      stated = try Dialect.stated(inFile: beside)
    }
    return try ModelSource(
      path: path, config: config, dialect: dialect, otherwise: stated ?? .standard,
      locksFile: locksFile
    ).weights()
  }

  /// A Keras model that carries no darknet network, beside one: as `convert` makes a network of it, if that
  /// has the layers of the other one; else by its own layers, which are paired with those of that network, or
  /// at least by its outputs.
  private func foreign(_ path: String, as network: Network) throws(ModelFileError) -> ComparedModel
  {
    let source = ModelSource(
      path: path, config: try darknetConfig() == nil ? config : nil, dialect: network.dialect,
      locksFile: locksFile)
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
      return try checkpoint(path, config: network.config.path, dialect: network.dialect)
    } catch {
      // Weights alone need not fit a network that was made of their model.
      if let refusal, refusal.kind == .usage { throw refusal }
      // Heads are no layers of Keras.
      if let raised, !network.layers.contains(where: \.isHead) {
        return try ComparedModel(raised, path: path)
      }
      guard [.damaged, .unsupported].contains(error.kind) else { throw error }
      return try ComparedModel(
        try KerasNetwork(path: path, config: source.config, locked: locksFile), path: path,
        beside: network,
        because: refusal ?? error)
    }
  }

  private func checkpoint(
    _ path: String, config: String?, dialect: Dialect?
  ) throws(ModelFileError) -> ComparedModel {
    let source = ModelSource(path: path, config: config, dialect: dialect, locksFile: locksFile)
    return try ComparedModel(
      try source.checkpoint(allowsContradiction: true), path: path, locksFile: locksFile)
  }

  // MARK: Keras models

  /// A Keras model. Weights without a model of their own are taken for those of the other file's.
  private func keras(_ path: String, beside other: String) throws(ModelFileError) -> KerasNetwork {
    do {
      return try KerasNetwork(path: path, config: config, locked: locksFile)
    } catch {
      guard error.kind == .usage, config == nil,
        let architecture = try? KerasArchitecture(path: other, locked: locksFile)
      else { throw error }
      return try KerasNetwork(path: path, config: architecture.path, locked: locksFile)
    }
  }
}

extension InputFormat {
  fileprivate var isKeras: Bool { self == .hdf5 || self == .keras }
}
