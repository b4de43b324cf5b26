import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph

extension ComparedModel {
  /// A Keras checkpoint that holds the numbers of a darknet network. Its values are those that Keras's
  /// own layers compute, as its configuration describes them; where there is none, or it can't be
  /// computed, those of the network with the checkpoint's numbers, with a warning.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint, read for a network.
  ///   - file: the checkpoint itself.
  /// - Throws: `ModelFileError` if it can't be computed, or if the configuration contradicts itself, or
  ///   the network while its layers can't be computed.
  public init(
    _ checkpoint: KerasToDarknet, of file: KerasCheckpoint
  ) throws(ModelFileError) {
    let path = file.path
    let network = checkpoint.network
    var warnings = checkpoint.warnings
    let taken = KerasRaising.kerasShape(network.options.input.shape)
    let expected = checkpoint.expectedModel.inputShape ?? taken
    let values: [Value?]
    switch try KerasOutcome(file, input: expected) {
    case .computable(let network, let model):
      values = Self.values(of: model, by: checkpoint, path: path, &warnings)
      graph = model.graph
      warnings += model.warnings
      if let contradiction = checkpoint.contradiction {
        warnings.append(contradiction.warning())
      }
      let steps = expected.rank > taken.rank ? expected.extents[0] : 1
      self.steps = steps
      inputs = network.inputs.map { input in
        let declared = input.shape?.extents
        // Of a sequence each step is a sample to darknet.
        let isSequence = steps > 1 && declared?.first == steps
        return Input(
          name: input.name, shape: taken,
          declared: isSequence ? declared.map { Array($0.dropFirst()) } : declared,
          elementType: input.type)
      }
      outputs = Self.outputs(
        of: model.graph, views: checkpoint.outputs.map(\.view), steps: steps)
      let names = checkpoint.layerNames
      keras = ModelDescription((model.graph, model.layers), names: names)
      expectedKeras = try Self.expectation(
        checkpoint.expectedModel, like: network, names: names)
      unproved = nil
    case .not(let reason):
      if let contradiction = checkpoint.contradiction { throw contradiction }
      let model = try RunnableModel(checkpoint)
      values = model.values
      graph = model.graph
      warnings.append(reason.warning("so that the cfg's layers are computed with its numbers"))
      inputs = [Input(name: model.graph.nodes[0].name, shape: taken, declared: taken.extents)]
      outputs = Self.outputs(of: model.graph)
      keras = nil
      expectedKeras = nil
      unproved = "\(path): Keras's own layers, in whose place the cfg's are computed"
    }
    self.network = try ModelDescription(checkpoint.embeddedNetwork ?? network)
    lackedHeads = checkpoint.embeddedNetwork == nil ? Self.heads(of: network) : []
    self.path = path
    layout = .channelsLast
    architecture = .darknet(network)
    layers = Self.layers(of: network, values: values) { entry in
      let numbers = checkpoint.array(entry).map {
        OrderedTensor(source: $0.source, elementType: .float32, view: $0.view)
      }
      return ComparedParameter(
        name: network.name(of: entry), entry.array, numbers: numbers,
        isRounded: checkpoint.isRounded(entry))
    }
    layersLoaded = checkpoint.layersLoaded
    self.warnings = warnings
    readers =
      unproved == nil
      ? .keras(describedBy: path)
      : .init(
        parameters: SharedReadings.Readers.kerasWeights, graph: SharedReadings.Readers.cfg,
        description: network.config.text.host)
  }

  /// Whether a Keras model has just the layers, by name, that `convert` makes of the network that it is read as.
  public var isConvertedByName: Bool {
    guard let keras, let expectedKeras else { return false }
    return Set(keras.layers.map(\.name)) == Set(expectedKeras.layers.map(\.name))
  }

  /// The values of a network's layers in Keras's own model: found by the names that `convert` gives. If it
  /// has none of these, only its outputs can be told.
  private static func values(
    of model: KerasOutcome.Model, by checkpoint: KerasToDarknet, path: String,
    _ warnings: inout [ModelWarning]
  ) -> [Value?] {
    let nodes = Dictionary(
      model.layers.map { ($0.name, $0.node) }, uniquingKeysWith: { first, _ in first })
    let named = checkpoint.values.map { place in
      place.flatMap { place in nodes[place.layer].map { Value(node: $0, view: place.view) } }
    }
    guard named.allSatisfy({ $0 == nil }) else { return named }
    warnings.append(
      ModelWarning(
        file: path, "no layer has the name that `convert` gives it: only outputs are compared"))
    var values = named
    for (output, node) in zip(checkpoint.outputs, model.graph.outputs) {
      guard let layer = checkpoint.values.lastIndex(where: { $0?.layer == output.layer }) else {
        continue
      }
      values[layer] = checkpoint.values[layer].map { Value(node: node.node, view: $0.view) }
    }
    return values
  }
}

extension KerasToDarknet {
  /// The layers of the network by the names of the Keras layers that they become.
  fileprivate var layerNames: [String: String] {
    Dictionary(
      expectedModel.layers.compactMap { layer in
        layer.source.map { (layer.name, network.layers[$0.index].name) }
      }, uniquingKeysWith: { first, _ in first })
  }
}

extension ModelFileError {
  /// What is wrong, and what comes of it, for a comparison that can do without.
  fileprivate func warning(_ consequence: String? = nil) -> ModelWarning {
    let details = [expected.map { "expected \($0)" }, found.map { "found \($0)" }, consequence]
    return ModelWarning(
      file: file, at: places,
      ([problem] + details.compactMap(\.self)).joined(separator: ", "))
  }
}
