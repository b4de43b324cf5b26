import FileSupport
import Keras
import ModelGraph

extension ComparedModel {
  /// A Keras model, for inputs of these shapes.
  ///
  /// - Parameters:
  ///   - network: the model.
  ///   - path: the file.
  ///   - shapes: the shapes of the arrays that it will be given, with the batch axis.
  /// - Throws: `ModelFileError` naming the layer if it can't be computed.
  public init(
    _ network: KerasNetwork, path: String, inputs shapes: [Shape]
  ) throws(ModelFileError) {
    let lowered = try network.lowered(for: shapes)
    self.path = path
    graph = lowered.graph
    inputs = Self.inputs(of: network, graph: lowered.graph)
    outputs = Self.outputs(of: lowered.graph, views: [])
    self.network = nil
    keras = ModelDescription((lowered.graph, lowered.layers))
    expectedKeras = nil
    unproved = nil
    layout = .channelsLast
    architecture = .keras
    layers = lowered.layers.filter { !$0.isInput }.map { layer in
      Layer(
        name: layer.name, value: Value(node: layer.node, view: nil),
        parameters: layer.parameters.map(ComparedParameter.init))
    }
    layersLoaded = layers.count
    warnings = lowered.warnings
    readers = .keras(describedBy: network.describedBy)
  }

  /// What a Keras model takes.
  static func inputs(of network: KerasNetwork, graph: Graph) -> [Input] {
    zip(network.inputs, graph.inputs).map { input, port in
      Input(
        name: input.name, shape: graph.nodes[port.node].shape, declared: input.shape?.extents,
        elementType: input.type)
    }
  }

  /// What a Keras model puts out.
  ///
  /// - Parameters:
  ///   - views: the walks that bring it into the order of a darknet network, as far as they are known.
  ///   - steps: the steps of a sequence, where the model has them as the first axis of a sample.
  static func outputs(
    of graph: Graph, views: [StridedView], steps: Int = 1
  ) -> [Output] {
    graph.outputs.enumerated().map { position, port in
      let view = views.indices.contains(position) ? views[position] : nil
      let value = Value(node: port.node, view: view)
      let extents = graph.nodes[port.node].shape.extents
      let shape = Shape(steps > 1 ? Array(extents.dropFirst()) : extents)
      return Output(name: port.name, shape: shape, value: value, tensor: value)
    }
  }

  /// The Keras layers that a network calls for, without numbers.
  static func expectation(
    _ model: KerasModel, like network: KerasNetwork, names: [String: String]
  ) throws(ModelFileError) -> ModelDescription {
    let expected = try KerasNetwork(describing: model, like: network)
    let lowered = try expected.lowered(for: [Shape([1] + (model.inputShape?.extents ?? []))])
    return ModelDescription((lowered.graph, lowered.layers), names: names)
  }
}
