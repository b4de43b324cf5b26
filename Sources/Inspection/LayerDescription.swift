import FileSupport
import Keras
import ModelGraph

/// The layers of a Keras checkpoint: those of its configuration with the weights that the file holds
/// for them, or, without a configuration, those that the file lists.
struct LayerDescription {
  private let checkpoint: KerasCheckpoint
  private(set) var listing: DatasetListing
  private let path: String

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
    _ configuration: JSONValue?, kerasVersion: String?, in summary: inout Summary
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
    let model: KerasModel
    do {
      model = try KerasModel(configuration: configuration)
    } catch {
      guard error.kind == .unsupported else { throw error }
      summary.warnings.append(
        ModelWarning(file: path, at: error.places, "\(error.problem); its layers are the file's"))
      for stored in checkpoint.layers { try append(stored, to: &summary) }
      return nil
    }
    let assignment = try WeightAssignment(model, checkpoint)
    for entry in assignment.entries {
      if let unknown = entry.layer.layerClass as? UnknownLayer, unknown.isForeignCode {
        summary.warnings.append(
          ModelWarning(
            file: path, at: [.path(entry.layer.name)],
            "a \(unknown.className.escapedForTerminal) layer stands for code of its own, which is "
              + "never run: the model can't be computed"))
      }
      var layer = Summary.Layer(index: summary.layers.count, name: entry.layer.name)
      layer.className = entry.layer.className
      layer.outputShape = entry.layer.outputShape?.extents
      // What stands beside a layer's variables is none: SpectralNormalization's second copy of a kernel.
      let isPaired = entry.weights.contains { $0.form != nil }
      for (weight, form) in entry.weights where form != nil || !isPaired {
        layer.take(
          try listing.parameter(
            of: weight, name: entry.stored?.isNumbered == true ? form?.name : nil)
        )
      }
      summary.layers.append(layer)
    }
    for stored in assignment.leftovers { try append(stored, to: &summary) }
    summary.picture = model.picture
    summary.inputShape = model.inputs.first.flatMap { input in
      model.layers.first { $0.name == input.layer }?.outputShape?.extents
    }
    summary.warnings += assignment.warnings.map { warning in
      var named = warning
      named.file = named.file ?? path
      return named
    }
    if checkpoint.configuration != nil, kerasVersion != nil {
      summary.loadsIn = LoadingKeras(
        model, configuration: configuration, kerasVersion: kerasVersion,
        isArchive: checkpoint.container == .archive
      ).generations.map { "keras-\($0)" }
    }
    guard !checkpoint.stores.isEmpty else { return nil }
    summary.status = assignment.failure == nil ? .complete : .mismatch
    return assignment.failure
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
  fileprivate mutating func take(_ parameter: Summary.StoredParameter) {
    parameters.append(parameter)
    parameterCount += parameter.shape.elementCount
  }
}
