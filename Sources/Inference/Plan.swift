import ModelGraph

/// Which nodes are computed, and when each value may be forgotten.
///
/// The order is the graph's own. A value lives from its node until the last node that reads it.
public struct Plan: Sendable {
  /// One node of the plan.
  public struct Step: Sendable {
    /// The node that is computed.
    public let node: Node
    /// Whether its value was asked for.
    public let isWanted: Bool
    /// Nodes whose values nobody reads after this step.
    public let releases: [Int]
  }

  /// What is computed, in order.
  public let steps: [Step]
  /// The most numbers that are alive at one time, for a single sample of the model.
  public let peakElements: Int
  /// The most numbers that the parameters of one node have.
  public let parameterElements: Int

  /// The nodes that `wanted` needs, with the lifetimes of their values.
  public init(_ graph: Graph, wanting wanted: Set<Int>) {
    let lifetimes = Lifetimes(graph, wanting: wanted)
    let nodes = lifetimes.nodes
    steps = zip(nodes, lifetimes.releases).map { node, releases in
      Step(node: node, isWanted: wanted.contains(node.id), releases: releases)
    }
    peakElements = lifetimes.peakElements
    parameterElements =
      nodes.map { node in
        node.operation.parameters.reduce(0) { $0.clampedSum($1.shape.elementCount) }
      }.max() ?? 0
  }
}
