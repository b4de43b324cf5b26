import FileSupport

/// What a graph is raised to while it is put together: Keras layers, sections of a cfg.
public protocol RaisingBuilder: AnyObject {
  /// Where the builder has a node's value.
  associatedtype Value

  /// Where an error says that a node is.
  func places(of node: Node) -> [ModelFileError.Place]

  /// The nodes that were done together with the one raised last, whose value they have.
  func takeAbsorbed() -> [Int]
}

extension RaisingBuilder {
  /// Most formats have a layer for each node.
  public func takeAbsorbed() -> [Int] { [] }
}

/// Where a node is raised: what it takes, and how layers are added for it.
public struct RaisingContext<Builder: RaisingBuilder> {
  /// The node.
  public let node: Node
  /// What has become of the values that it takes.
  public let inputs: [Builder.Value]
  /// Their shapes in the graph.
  public let shapes: [Shape]
  /// Who takes the value of which node.
  public let consumers: Consumers
  /// Where the layers go.
  public let builder: Builder

  /// Raises the nodes that the outputs need, each after those that it takes values from.
  ///
  /// - Parameters:
  ///   - graph: the model.
  ///   - builder: where the layers go.
  ///   - raise: adds the layers of a node, and says where its value is.
  /// - Returns: where the value of each node is.
  /// - Throws: what `raise` throws, at the place of the node.
  public static func values(
    of graph: Graph, builder: Builder,
    _ raise: (RaisingContext) throws(ModelFileError) -> Builder.Value
  ) throws(ModelFileError) -> [Int: Builder.Value] {
    let consumers = Consumers(in: graph)
    var values: [Int: Builder.Value] = [:]
    for node in graph.reachable where values[node.id] == nil {
      let context = RaisingContext(
        node: node, inputs: node.inputs.compactMap { values[$0] },
        shapes: node.inputs.map { graph.nodes[$0].shape }, consumers: consumers, builder: builder)
      do throws(ModelFileError) {
        let value = try raise(context)
        for id in [node.id] + builder.takeAbsorbed() { values[id] = value }
      } catch {
        throw error.at(builder.places(of: node))
      }
    }
    return values
  }

  /// One of the inputs.
  public func input(_ index: Int = 0) throws(ModelFileError) -> Builder.Value {
    guard inputs.indices.contains(index) else {
      throw ModelFileError(
        .internalFault, "node '\(node.name)' lacks an input", expected: "\(index + 1) or more",
        found: "\(inputs.count)")
    }
    return inputs[index]
  }
}
