import FileSupport
import ModelGraph

/// An operation that stock Keras layers can express. `Raising/` has the conformances in files that are
/// named as those of the operations.
protocol KerasRaisable: Operation {
  /// Adds the layers that compute the node's value.
  ///
  /// - Returns: the value, whose shape in Keras's layout is that of the node.
  /// - Throws: `ModelFileError` of kind `unsupported` if no layers compute exactly this.
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor
}

/// Makes a Keras model of a graph.
///
/// The graph is brought to images `[C, H, W]`; those of the model are `[H, W, C]`. Detection heads are no Keras
/// layers: the model ends at the tensors that enter them. Only what the outputs need is raised.
public struct KerasRaising {
  /// Where the user's description has a node.
  public typealias Placing = (Node) -> [ModelFileError.Place]

  /// The graph that is raised: the one given, or the same with its channels first.
  public let graph: Graph
  private let places: Placing

  /// Raises this graph.
  ///
  /// - Parameters:
  ///   - graph: the model.
  ///   - places: where an error says that a node is; by default at its layer.
  /// - Throws: `ModelFileError` of kind `unsupported` if the channels stand last and an operation is not known
  ///   otherwise.
  public init(
    _ graph: Graph, places: @escaping Placing = { $0.layer?.places ?? [] }
  ) throws(ModelFileError) {
    self.graph = try graph.inLayout(.channelsFirst)
    self.places = places
  }

  /// Whether stock layers can compute an operation, at least in its usual forms. A detection head needs
  /// none: the model ends in front of it.
  public static func canRaise(_ operation: any Operation.Type) -> Bool {
    operation is any KerasRaisable.Type || operation is any Unrollable.Type
      || operation is any DetectionHead.Type
  }

  /// Whether stock layers can compute an activation.
  public static func canRaise(_ function: ActivationFunction) -> Bool {
    var builder = GraphBuilder(layout: .channelsFirst)
    guard let input = try? builder.input(name: "input", shape: [1, 1, 1]),
      let node = try? builder.add(Activation(function), name: "act", inputs: [input])
    else { return false }
    builder.output(node, named: "output")
    return (try? KerasRaising(builder.finish()).model(named: "model")) != nil
  }

  /// The model.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported`, with the layer, for what stock layers of
  ///   both Keras 2 and 3 can't compute exactly.
  public func model(named name: String) throws(ModelFileError) -> KerasModel {
    try raised(named: name).model
  }

  /// The model, and where the values of the nodes of ``graph`` are found in it; a node that the outputs don't
  /// need has none. Of a model that takes sequences only the outputs have one value for all steps.
  ///
  /// - Throws: as ``model(named:)``.
  public func raised(
    named name: String
  ) throws(ModelFileError) -> (model: KerasModel, values: [Int: RaisedValue]) {
    let unrolling = try Unrolling(graph)
    let source = unrolling?.graph ?? graph
    let builder = KerasModelBuilder(for: source.reachable, places: places)
    let values = try RaisingContext.values(of: source, builder: builder) {
      (context) throws(ModelFileError) in
      builder.begin(unrolling?.first(of: context.node.id))
      if let unrolling, unrolling.steps > 1, context.node.operation is Input {
        return try unrolling.step(of: context)
      }
      return try raise(context)
    }
    builder.begin(nil)
    var places: [Int: RaisedValue] = [:]
    var outputs: [KerasTensor] = []
    if let unrolling, unrolling.steps > 1 {
      for port in graph.outputs {
        let steps = unrolling.nodes(of: port.node).compactMap { values[$0] }
        let output = try unrolling.joined(steps, of: graph.nodes[port.node], builder)
        outputs.append(output)
        places[port.node] = RaisedValue(sequence: output)
      }
    } else {
      outputs = source.outputs.compactMap { values[$0.node] }
      for node in graph.nodes {
        // What no output needs is not written out.
        let place = unrolling.map { $0.nodes(of: node.id).first } ?? node.id
        places[node.id] = place.flatMap { values[$0] }.map { RaisedValue($0) }
      }
    }
    let references = outputs.map(\.reference)
    let order = LayerOrder(Self.needed(builder.layers, for: references), outputs: references)
    try unrolling?.checkDepth(order.depth, places: self.places)
    let inputs = builder.layers.filter { $0.layerClass is KerasLayers.InputLayer }
    let model = KerasModel(
      name: KerasName.legal(from: name), layers: order.sorted,
      inputs: inputs.map { KerasTensorReference(layer: $0.name) }, outputs: references)
    let kept = Set(model.layers.map(\.name))
    return (model, places.filter { kept.contains($0.value.layer) })
  }

  private func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let node = context.node
    if node.operation is any DetectionHead { return try context.input() }
    guard let operation = node.operation as? any KerasRaisable else {
      throw context.unsupported(type(of: node.operation).caption)
    }
    let value = try operation.raise(context)
    let expected = value.flattenedImage.map { [$0.elementCount] } ?? Self.kerasShape(node.shape)
    guard value.shape == expected else {
      throw context.unsupported(
        "\(type(of: operation).caption) of this geometry", expected: "\(expected)",
        found: "\(value.shape)")
    }
    return value
  }

  /// The shape that a value of the graph has in Keras: `[C, H, W]` → `[H, W, C]`.
  public static func kerasShape(_ shape: Shape) -> Shape {
    guard shape.rank > 1 else { return shape }
    return ImageLayout.channelsLast.shape(
      channels: ImageLayout.channelsFirst.channels(of: shape),
      spatial: ImageLayout.channelsFirst.spatial(of: shape))
  }

  /// The layers that the outputs need, and the inputs: Keras drops others from the model.
  private static func needed(
    _ layers: [KerasLayer], for outputs: [KerasTensorReference]
  ) -> [KerasLayer] {
    let inbound = Dictionary(
      layers.map { ($0.name, $0.inbound) }, uniquingKeysWith: { first, _ in first })
    var names: Set<String> = []
    var waiting = outputs.map(\.layer)
    while let name = waiting.popLast() {
      if names.insert(name).inserted { waiting += inbound[name] ?? [] }
    }
    return layers.filter { names.contains($0.name) || $0.layerClass is KerasLayers.InputLayer }
  }
}
