import FileSupport
import ModelGraph

/// Something that computes the values of graphs.
public protocol Engine: Sendable {
  /// What runs a graph that was prepared.
  associatedtype Session: EngineSession

  /// What it is called, by those who choose one and in reports.
  static var name: String { get }

  /// Whether it can compute an operation.
  func computes(_ operation: any Operation.Type) -> Bool

  /// Plans the computation of some values: once, to be run any number of times.
  ///
  /// - Parameters:
  ///   - graph: the model.
  ///   - wanted: the nodes whose values are handed over.
  /// - Throws: `ModelFileError`, naming the layer: `unsupported` if the engine lacks an operation, `damaged` if a value
  ///   has no numbers.
  func prepare(_ graph: Graph, wanting wanted: Set<Int>) throws(ModelFileError) -> Session
}

/// A graph that an engine has prepared.
public protocol EngineSession: Sendable {
  /// Computes the values that were asked for and hands each over as soon as it is there.
  ///
  /// Nothing is kept longer than the rest of the computation needs it, so that all values of a large
  /// network can be asked for and written one after another.
  ///
  /// - Parameters:
  ///   - inputs: a tensor for each of the graph's inputs, in its order. The batch axis may be missing;
  ///     with time steps it is time × batch.
  ///   - onStep: called after each step with the nodes that it computed, several if the engine computes them as
  ///     one, and the time that it took. A node is in one step of a run.
  ///   - onValue: takes the values, in graph order.
  /// - Throws: `ModelFileError`: `damaged` if inputs don't fit, numbers are missing or memory is too short; or what
  ///   `onValue` throws.
  func run(
    _ inputs: [Tensor], onStep: ([Node], Duration) -> Void,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError)
}

extension Engine {
  /// Prepares a graph and runs it once.
  ///
  /// - Throws: as ``prepare(_:wanting:)`` and ``EngineSession/run(_:onStep:onValue:)``.
  public func run(
    _ graph: Graph, inputs: [Tensor], wanting wanted: Set<Int>,
    onStep: ([Node], Duration) -> Void = { _, _ in },
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    try prepare(graph, wanting: wanted).run(inputs, onStep: onStep, onValue: onValue)
  }

  /// Computes the model's outputs, in order.
  ///
  /// - Throws: as ``run(_:inputs:wanting:onStep:onValue:)``.
  public func outputs(of graph: Graph, inputs: [Tensor]) throws(ModelFileError) -> [Tensor] {
    var found: [Int: Tensor] = [:]
    try run(graph, inputs: inputs, wanting: Set(graph.outputs.map(\.node))) { node, tensor in
      found[node.id] = tensor
    }
    return graph.outputs.compactMap { found[$0.node] }
  }
}
