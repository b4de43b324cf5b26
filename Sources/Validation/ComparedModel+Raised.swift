import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph

extension ComparedModel {
  /// A Keras model of any origin beside a darknet one: its parameters are what `convert` makes of them for
  /// the network that the model becomes (`spec/keras-to-darknet.md`), its values those of Keras's own layers.
  ///
  /// - Parameters:
  ///   - conversion: the model on its way to darknet.
  ///   - path: the file.
  /// - Throws: `ModelFileError` of kind `unsupported` for a layer that the graph has no operation for.
  public init(_ conversion: KerasModelToDarknet, path: String) throws(ModelFileError) {
    let network = conversion.network
    let graph = conversion.graph
    self.path = path
    self.graph = graph
    inputs = Self.inputs(of: graph)
    outputs = Self.planarOutputs(of: graph)
    // What its layers compute is what the network does that convert makes of them, or there would be none.
    self.network = try ModelDescription(network)
    keras = nil
    expectedKeras = nil
    unproved = nil
    layout = .channelsLast
    architecture = .darknet(network)
    let values = conversion.nodes.map { node in node.map { Self.value(of: graph.nodes[$0]) } }
    layers = Self.layers(of: network, values: values) { entry in
      // Where a cfg was named, the variance was worked out another way (`ValueAdjustment`).
      ComparedParameter(
        name: network.name(of: entry), entry.array, numbers: conversion.array(entry),
        isRounded: network.dialect.changesVariances && entry.array.role == .rollingVariance)
    }
    layersLoaded = layers.count
    warnings = conversion.warnings
    readers = .keras(describedBy: path)
  }

  /// What a Keras model puts out, as darknet has it.
  static func planarOutputs(of graph: Graph) -> [Output] {
    graph.outputs.map { port in
      let node = graph.nodes[port.node]
      let value = Self.value(of: node)
      return Output(name: port.name, shape: node.shape, value: value, tensor: value)
    }
  }

  /// The value of a node as darknet has it: images plane by plane.
  private static func value(of node: Node) -> Value {
    let shape = node.shape
    let view = shape.rank == 3 ? StridedView(contiguous: shape).permuted([2, 0, 1]) : nil
    return Value(node: node.id, view: view)
  }
}
