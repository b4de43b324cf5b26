import FileSupport
import HDF5
import ModelGraph

/// The numbers of a model's layers: for each layer a parameter for each of its variables.
struct BoundModel {
  let model: KerasModel
  /// In the order of `model.layers`.
  let parameters: [LayerParameters]
}

extension LoweringContext {
  /// Lowers all calls of a model's layers.
  ///
  /// - Parameters:
  ///   - bound: the model, worked out for inputs of these shapes.
  ///   - inputs: what the model is called with, in the order of its inputs.
  ///   - isOutermost: whether messages name its layers rather than the one that it is itself.
  ///   - onLayer: is told the values of each layer's first call.
  /// - Returns: the values of the model's outputs.
  mutating func lower(
    _ bound: BoundModel, on inputs: [KerasValue], isOutermost: Bool,
    onLayer: (KerasLayer, [KerasValue]) -> Void = { _, _ in }
  ) throws(ModelFileError) -> [KerasValue] {
    let layers = bound.model.layers
    let positions = Dictionary(
      layers.enumerated().map { (LinkName($1.name), $0) }, uniquingKeysWith: { first, _ in first })
    guard inputs.count == bound.model.inputs.count else {
      throw ModelFileError(
        .damaged, "takes another number of inputs", expected: "\(bound.model.inputs.count)",
        found: "\(inputs.count)")
    }
    var values = layers.map { [[KerasValue]](repeating: [], count: max($0.calls.count, 1)) }
    for (reference, value) in zip(bound.model.inputs, inputs) {
      if let position = positions[LinkName(reference.layer)] { values[position][0] = [value] }
    }
    let order = try CallOrder(
      layers.map { ($0.name, $0.calls) }, positions: positions
    ) { .layer(index: layers[$0].source?.index ?? $0, type: layers[$0].className) }
    for step in order.steps {
      let layer = layers[step.position]
      let isInput = layer.layerClass is KerasLayers.InputLayer && step.call == 0
      let lookUp = { (reference: KerasTensorReference) -> KerasValue? in
        guard let position = positions[LinkName(reference.layer)],
          values[position].indices.contains(reference.node),
          values[position][reference.node].indices.contains(reference.tensor)
        else { return nil }
        return values[position][reference.node][reference.tensor]
      }
      let call = layer.calls.indices.contains(step.call) ? layer.calls[step.call] : KerasCall([])
      var found = isInput ? values[step.position][0] : []
      for reference in call.inputs(of: layer.layerClass) {
        guard let value = lookUp(reference) else { throw Self.missing(reference, layer) }
        found.append(value)
      }
      // A mask that is passed stands in the place of the values' own, in what the layer hands on too.
      let parameters = type(of: layer.layerClass).callParameters
      let masks =
        call.argument("mask", of: parameters).map { mask in
          (layer.layerClass as? NestedModel)?.masks(mask) ?? mask.optionalTensors
        } ?? []
      for (index, mask) in masks.prefix(found.count).enumerated() {
        if let value = mask.flatMap(lookUp) { found[index].mask = value.node }
      }
      let results = try lower(
        layer.layerClass, named: layer.name,
        call: LayerCall(call, of: layer.layerClass, inputs: found, value: lookUp),
        parameters: bound.parameters[step.position], policy: layer.policy,
        reference: isOutermost ? layer.source : nil)
      values[step.position][step.call] = results
      if step.call == 0 { onLayer(layer, results) }
    }
    var outputs: [KerasValue] = []
    for reference in bound.model.outputs {
      guard let position = positions[LinkName(reference.layer)],
        values[position].indices.contains(reference.node),
        values[position][reference.node].indices.contains(reference.tensor)
      else {
        throw ModelFileError(
          .damaged, at: [.option("output_layers")], "names a value that is not there",
          found: "value \(reference.tensor) of '\(reference.layer.escapedForTerminal)'")
      }
      outputs.append(values[position][reference.node][reference.tensor])
    }
    return outputs
  }

  private static func missing(
    _ reference: KerasTensorReference, _ layer: KerasLayer
  ) -> ModelFileError {
    ModelFileError(
      .damaged, at: layer.source.map { [$0.place] } ?? [], "takes a value that is not there",
      found: "value \(reference.tensor) of '\(reference.layer.escapedForTerminal)'")
  }
}

extension NestedModel {
  /// Lowers the model's layers where the model is called.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    // It stands in the place of its inputs' own masks already.
    if let mask = call.argument("mask"), masks(mask) == nil {
      throw LayerCall.unfit("mask", mask, expected: "a mask for each input of the model")
    }
    if let named = call.namedInputs, inOrder(named) == nil {
      throw LayerCall.unfit(
        "inputs", .dictionary(named), expected: "a dictionary with the names of the model's inputs")
    }
    let outcome = try outcome(for: call.inputs.map { KerasShape(context.shape($0)) })
    // Its variables are listed by the order of the configuration, its layers by that of the calls.
    var byName: [LinkName: LayerParameters] = [:]
    for (name, count) in try outcome.variableCounts() {
      byName[LinkName(name)] = context.parameters.take(count: count)
    }
    let bound = BoundModel(
      model: outcome.model,
      parameters: outcome.model.layers.map { byName[LinkName($0.name)] ?? .none })
    return try context.lower(bound, on: call.inputs, isOutermost: false)
  }
}
