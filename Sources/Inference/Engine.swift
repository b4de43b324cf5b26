import FileSupport
import ModelGraph

/// Something that computes the values of a graph.
public protocol Engine: Sendable {
  /// Computes the values of some nodes and hands each over as soon as it is there.
  ///
  /// Nothing is kept longer than the rest of the computation needs it, so that all values of a large
  /// network can be asked for and written one after another.
  ///
  /// - Parameters:
  ///   - graph: the model.
  ///   - inputs: a tensor for each of the graph's inputs, in its order. The batch axis may be missing;
  ///     with time steps it is time × batch.
  ///   - wanted: the nodes whose values are handed over.
  ///   - onStep: called after each node that was computed, with the time that it took.
  ///   - onValue: takes the values, in graph order.
  /// - Throws: `ModelFileError`: `unsupported` naming the layer if the engine lacks an operation,
  ///   `damaged` if inputs don't fit or numbers are missing; or what `onValue` throws.
  func run(
    _ graph: Graph, inputs: [Tensor], wanting wanted: Set<Int>,
    onStep: (Node, Duration) -> Void,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError)
}

extension Engine {
  /// Computes the values of some nodes and hands each over as soon as it is there.
  public func run(
    _ graph: Graph, inputs: [Tensor], wanting wanted: Set<Int>,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    try run(graph, inputs: inputs, wanting: wanted, onStep: { _, _ in }, onValue: onValue)
  }

  /// Computes the model's outputs, in order.
  public func outputs(of graph: Graph, inputs: [Tensor]) throws(ModelFileError) -> [Tensor] {
    var found: [Int: Tensor] = [:]
    try run(graph, inputs: inputs, wanting: Set(graph.outputs.map(\.node))) { node, tensor in
      found[node.id] = tensor
    }
    return graph.outputs.compactMap { found[$0.node] }
  }
}
