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
  public init(_ conversion: KerasModelToDarknet, path: String) {
    let network = conversion.network
    let graph = conversion.graph
    self.path = path
    self.graph = graph
    inputs = Self.inputs(of: graph)
    layout = .channelsLast
    architecture = .darknet(network)
    let values = conversion.nodes.map { node in
      node.map { node in
        // darknet has images plane by plane.
        let shape = graph.nodes[node].shape
        let view =
          shape.rank == 3 ? StridedView(contiguous: shape).permuted([2, 0, 1]) : nil
        return Value(node: node, view: view)
      }
    }
    layers = Self.layers(of: network, values: values) { entry in
      ComparedParameter(
        name: network.name(of: entry), shape: [entry.array.count],
        numbers: conversion.array(entry))
    }
    warnings = conversion.warnings
  }
}
