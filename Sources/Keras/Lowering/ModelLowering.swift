import FileSupport
import HDF5
import ModelGraph

/// The numbers of a model's layers: for each layer a parameter for each of its variables.
struct BoundModel {
  let model: KerasModel
  /// In the order of `model.layers`.
  let parameters: [LayerParameters]
}

/// The calls of a model's layers while they are lowered.
private struct ModelCalls {
  let bound: BoundModel
  /// The calls, each after those whose values it takes.
  let steps: [CallOrder.Step]
  /// The values of each layer's calls, as far as they were made.
  var values: [[[KerasValue]]]
  /// Which call of each layer was the first with certain arguments.
  private var made: [[KerasCall: Int]]
  private let positions: [LinkName: Int]

  /// - Parameter generation: the Keras in whose order the calls are made, where that matters.
  /// - Throws: `ModelFileError` of kind `damaged` if layers take values from each other in a circle.
  init(_ bound: BoundModel, by generation: KerasGeneration) throws(ModelFileError) {
    self.bound = bound
    let layers = bound.model.layers
    positions = Dictionary(
      layers.enumerated().map { (LinkName($1.name), $0) }, uniquingKeysWith: { first, _ in first })
    values = layers.map { [[KerasValue]](repeating: [], count: max($0.calls.count, 1)) }
    made = layers.map { _ in [:] }
    let order = try CallOrder(
      layers.map { ($0.name, $0.calls) }, positions: positions
    ) { .layer(index: layers[$0].source?.index ?? $0, type: layers[$0].className) }
    steps =
      generation < .third
      ? order.steps
      : RunOrder(order, of: layers, positions: positions, outputs: bound.model.outputs).steps
  }

  /// Gives a layer that stands for an input its value.
  mutating func give(_ value: KerasValue, to input: KerasTensorReference) {
    if let position = positions[LinkName(input.layer)] { values[position][0] = [value] }
  }

  /// The values of a call with the same arguments that was made already, if there is one: `convert` writes a call
  /// twice where only one Keras counts a call that a model makes of itself.
  func sameCall(as step: CallOrder.Step) -> [KerasValue]? {
    guard let call = call(step), let first = made[step.position][call] else { return nil }
    return values[step.position][first]
  }

  /// Keeps the values of a call.
  mutating func keep(_ results: [KerasValue], of step: CallOrder.Step) {
    values[step.position][step.call] = results
    if let call = call(step), made[step.position][call] == nil {
      made[step.position][call] = step.call
    }
  }

  /// A call of a layer that has several.
  private func call(_ step: CallOrder.Step) -> KerasCall? {
    let calls = bound.model.layers[step.position].calls
    return calls.count > 1 && calls.indices.contains(step.call) ? calls[step.call] : nil
  }

  /// A value that was computed.
  func value(_ reference: KerasTensorReference) -> KerasValue? {
    guard let position = positions[LinkName(reference.layer)],
      values[position].indices.contains(reference.node),
      values[position][reference.node].indices.contains(reference.tensor)
    else { return nil }
    return values[position][reference.node][reference.tensor]
  }
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
    guard inputs.count == bound.model.inputs.count else {
      throw ModelFileError(
        .damaged, "takes another number of inputs", expected: "\(bound.model.inputs.count)",
        found: "\(inputs.count)")
    }
    var calls = try ModelCalls(bound, by: generation)
    for (reference, value) in zip(bound.model.inputs, inputs) { calls.give(value, to: reference) }
    for step in calls.steps {
      let results = try lower(step, of: calls, isOutermost: isOutermost)
      calls.keep(results, of: step)
      if step.call == 0 { onLayer(bound.model.layers[step.position], results) }
    }
    var outputs: [KerasValue] = []
    for reference in bound.model.outputs {
      guard let output = calls.value(reference) else {
        throw ModelFileError(
          .damaged, at: [.option("output_layers")], "names a value that is not there",
          found: "value \(reference.tensor) of '\(reference.layer.escapedForTerminal)'")
      }
      outputs.append(output)
    }
    return outputs
  }

  /// Lowers the calls of a model that can be lowered. Behind one that can't, and at the inputs, it goes on with
  /// values of the shapes that are known of the calls.
  ///
  /// - Returns: the positions of the layers with a call that can't be lowered, and the nodes of the outputs.
  fileprivate mutating func lowerWhatIsKnown(
    of bound: BoundModel
  ) throws(ModelFileError) -> (refused: Set<Int>, outputs: Set<Int>) {
    var calls = try ModelCalls(bound, by: generation)
    var refused: Set<Int> = []
    for step in calls.steps {
      let layer = bound.model.layers[step.position]
      let shapes = layer.shapes(ofCall: step.call)
      if layer.isInput(step.call), let shape = shapes?.first {
        let type = (try? layer.policy.elementType(of: layer.layerClass)) ?? .float32
        calls.values[step.position][0] = [
          try input(named: layer.name, shape: shape, type: type)
        ]
      }
      do {
        calls.keep(try lower(step, of: calls, isOutermost: true), of: step)
      } catch {
        refused.insert(step.position)
        var values: [KerasValue] = []
        for shape in shapes ?? [] {
          values.append(try input(named: layer.name, shape: shape))
        }
        calls.values[step.position][step.call] = values
      }
    }
    return (refused, Set(bound.model.outputs.compactMap { calls.value($0)?.node }))
  }

  /// Lowers a call, and holds the shapes of its values against those that its layer's class gives.
  private mutating func lower(
    _ step: CallOrder.Step, of calls: ModelCalls, isOutermost: Bool
  ) throws(ModelFileError) -> [KerasValue] {
    // A mask that was taken off meanwhile makes another call of it.
    if unmasked.isEmpty, let known = calls.sameCall(as: step) { return known }
    let layer = calls.bound.model.layers[step.position]
    let call = layer.calls.indices.contains(step.call) ? layer.calls[step.call] : KerasCall([])
    let place = layer.source.map { [$0.place] } ?? []
    var inputs = layer.isInput(step.call) ? calls.values[step.position][0] : []
    for reference in call.inputs(of: layer.layerClass) {
      guard let value = calls.value(reference) else {
        throw ModelFileError(
          .damaged, at: place, "takes a value that is not there",
          found: "value \(reference.tensor) of '\(reference.layer.escapedForTerminal)'")
      }
      inputs.append(value)
    }
    for (index, input) in inputs.enumerated() where unmasked.contains(input.node) {
      inputs[index].mask = nil
    }
    // A mask that is passed stands in the place of the values' own, in what the layer hands on too.
    let masks =
      call.argument("mask", of: type(of: layer.layerClass).callParameters).map { mask in
        (layer.layerClass as? NestedModel)?.masks(mask) ?? mask.optionalTensors
      } ?? []
    for (index, mask) in masks.prefix(inputs.count).enumerated() {
      if let value = mask.flatMap(calls.value) { inputs[index].mask = value.node }
    }
    let results = try lower(
      layer.layerClass, named: layer.name,
      call: LayerCall(call, of: layer.layerClass, inputs: inputs, value: calls.value),
      parameters: calls.bound.parameters[step.position], policy: layer.policy,
      reference: isOutermost ? layer.source : nil)
    if generation == .third, layer.layerClass is KerasLayers.MultiHeadAttention {
      let type = try layer.policy.elementType(of: layer.layerClass)
      // What had to be cast was another value, whose mask was taken off.
      unmasked.formUnion(inputs.filter { $0.type == type || !type.isHalf }.map(\.node))
    }
    if !hasShapesOfItsOwn, let shapes = layer.shapes(ofCall: step.call),
      results.map({ shape($0) }) != shapes
    {
      throw ModelFileError(
        .internalFault, at: place, "the layer's operations give other shapes than its class",
        expected: "\(shapes)", found: "\(results.map { shape($0) })")
    }
    return results
  }
}

extension KerasLayer {
  /// Whether a call is none, but gives the value of an input of the model.
  fileprivate func isInput(_ call: Int) -> Bool {
    layerClass is KerasLayers.InputLayer && call == 0
  }

  /// The shapes of a call's values; `nil` unless all are known.
  fileprivate func shapes(ofCall call: Int) -> [Shape]? {
    guard callShapes.indices.contains(call), let shapes = callShapes[call] else { return nil }
    let known = shapes.compactMap(\.known)
    return known.count == shapes.count ? known : nil
  }
}

extension KerasModel {
  /// What a pass over one sample takes.
  public struct Work: Sendable {
    /// The multiply-adds of each layer, all of its calls together: those of the operations that it becomes. `nil` for a
    /// layer that takes a value of which an extent is open, or can't be lowered.
    public let multiplyAdds: [Int?]
    /// How the windows of each layer move, inside of a nested model too.
    public let windows: [[Window]]
    /// How long values are needed; `nil` if a layer has no multiply-adds.
    public let lifetimes: Lifetimes?
  }

  /// What a pass takes.
  ///
  /// - Parameter generation: by whose rules the layers compute.
  /// - Throws: `ModelFileError` of kind `damaged` if layers take values from each other in a circle.
  public func work(by generation: KerasGeneration) throws(ModelFileError) -> Work {
    var context = LoweringContext(generation: generation, backend: nil)
    let parameters = try KerasNumbers.none.bound(to: self).parameters
    let (refused, outputs) = try context.lowerWhatIsKnown(
      of: BoundModel(model: self, parameters: parameters))
    let graph = context.finish()
    let (counts, windows) = (graph.multiplyAdds, graph.windows)
    return Work(
      multiplyAdds: layers.enumerated().map { position, layer in
        refused.contains(position) ? nil : counts[layer.source?.index ?? position] ?? 0
      },
      windows: layers.enumerated().map { position, layer in
        windows[layer.source?.index ?? position] ?? []
      },
      lifetimes: refused.isEmpty && !outputs.isEmpty ? Lifetimes(graph, wanting: outputs) : nil)
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
