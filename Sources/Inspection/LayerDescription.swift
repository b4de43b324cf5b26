import FileSupport
import Keras
import ModelGraph

/// The layers of a Keras checkpoint: those of its configuration with the weights that the file holds
/// for them, or, without a configuration, those that the file lists.
struct LayerDescription {
  private let checkpoint: KerasCheckpoint
  private(set) var listing: DatasetListing
  private let path: String
  /// Whether the layers of models among the layers are told.
  var listsSubmodels = false

  init(_ checkpoint: KerasCheckpoint, _ listing: DatasetListing, path: String) {
    self.checkpoint = checkpoint
    self.listing = listing
    self.path = path
  }

  /// Fills in layers, optimizer and status.
  ///
  /// - Returns: how the configuration and the weights contradict each other, if they do.
  /// - Throws: `ModelFileError` if the configuration is broken or a weight can't be described.
  mutating func describe(
    _ configuration: JSONValue?, kerasVersion: String?, inputSizes: [Shape],
    in summary: inout Summary
  ) throws(ModelFileError) -> ModelFileError? {
    defer { summary.parameterCount = summary.layers.reduce(0) { $0 + $1.parameterCount } }
    for weight in checkpoint.optimizer {
      summary.optimizer.append(try listing.parameter(of: weight))
    }
    summary.status = checkpoint.container == .plain ? nil : .unverified
    guard let configuration, checkpoint.container != .plain else {
      for stored in checkpoint.layers { try append(stored, to: &summary) }
      return nil
    }
    if checkpoint.configurationHasByteOrderMark, checkpoint.configuration == configuration {
      summary.warnings.append(
        ModelWarning(
          file: path, at: [.option("model_config")],
          "a byte order mark stands in front of the configuration; it is passed over, but is no JSON"
        ))
    }
    let model: KerasModel
    do {
      model = try KerasModel(configuration: configuration, inputSizes: inputSizes)
      summary.inputSizes = inputSizes
    } catch {
      guard error.kind == .unsupported else { throw error }
      summary.warnings.append(
        ModelWarning(file: path, at: error.places, "\(error.problem); its layers are the file's"))
      for stored in checkpoint.layers { try append(stored, to: &summary) }
      load(configuration, nil, in: &summary)
      return nil
    }
    let assignment = try WeightAssignment(model, checkpoint)
    summary.warnings += listing.strays
    let generation = KerasGeneration(version: kerasVersion, configuration: configuration)
    let work = try model.work(by: generation)
    summary.activations = Summary.ActivationMemory(work.lifetimes)
    for (position, entry) in assignment.entries.enumerated() {
      if let oddity = (entry.layer.layerClass as? UnknownLayer)?.oddity {
        summary.warnings.append(
          ModelWarning(file: path, at: [.path(entry.layer.name)], oddity))
      }
      var layer = Summary.Layer(position, entry.layer, work)
      // What stands beside a layer's variables is none: SpectralNormalization's second copy of a kernel.
      let isPaired = entry.weights.contains { $0.form != nil }
      var held: [Submodels.Held] = []
      for (weight, form) in entry.weights where form != nil || !isPaired {
        var parameter = try listing.parameter(
          of: weight, name: entry.stored?.isNumbered == true ? form?.name : nil)
        parameter.isTrainable = form?.isTrainable
        layer.take(parameter)
        held.append((parameter, form))
      }
      if listsSubmodels {
        layer.children = try Submodels(
          generation: generation, namesByForm: entry.stored?.isNumbered == true
        ).rows(at: position, of: model, holding: held)
      }
      summary.layers.append(layer)
    }
    summary.trainableCount = summary.layers.flatMap(\.parameters).reduce(0) {
      $1.isTrainable == true ? $0.clampedSum($1.shape.elementCount) : $0
    }
    for stored in assignment.leftovers { try append(stored, to: &summary) }
    summary.picture = model.picture
    summary.inputShape = model.inputShape
    summary.warnings += assignment.warnings.map { warning in
      var named = warning
      named.file = named.file ?? path
      return named
    }
    if assignment.failure == nil { load(configuration, model, in: &summary) }
    guard !checkpoint.stores.isEmpty else { return nil }
    summary.status = assignment.failure == nil ? .complete : .mismatch
    return assignment.failure
  }

  /// Says which Kerases load the file, which only a file with its own configuration can be.
  private func load(_ configuration: JSONValue, _ model: KerasModel?, in summary: inout Summary) {
    guard checkpoint.configuration != nil, checkpoint.configuration == configuration else { return }
    let loading = LoadingKeras(checkpoint, configuration: configuration, model: model, path: path)
    summary.loadsIn = loading.generations.map { $0.map(\.key) }
    for (generation, answer) in loading.answers {
      switch answer {
      case .loads: continue
      case .refuses(let reason): summary.doesNotLoad.append((generation.key, reason))
      case .unknown(let reason):
        summary.warnings.append(
          ModelWarning(
            file: path, "whether \(generation.name) loads the model is not known: \(reason)"))
      }
    }
  }

  /// A layer that only the file knows.
  private mutating func append(_ stored: StoredLayer, to summary: inout Summary)
    throws(ModelFileError)
  {
    var layer = Summary.Layer(index: summary.layers.count, name: stored.name.description)
    for weight in stored.weights { layer.take(try listing.parameter(of: weight)) }
    summary.layers.append(layer)
  }
}

extension Summary.Layer {
  /// A layer of a model, without its arrays.
  init(_ position: Int, _ layer: KerasLayer, _ work: KerasModel.Work) {
    self.init(index: position, name: layer.name)
    className = layer.className
    sources = layer.inbound
    options = Summary.LayerOption.all(of: layer.layerClass, windows: work.windows[position])
    outputShape = layer.outputShape?.extents
    flops = work.multiplyAdds[position]?.clampedProduct(2)
  }

  mutating func take(_ parameter: Summary.StoredParameter) {
    parameters.append(parameter)
    parameterCount += parameter.shape.elementCount
  }
}
