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
    var needed = wanted
    for node in graph.nodes.reversed() where needed.contains(node.id) {
      needed.formUnion(node.inputs)
    }
    let nodes = graph.nodes.filter { needed.contains($0.id) }
    var lastReader: [Int: Int] = [:]
    for node in nodes {
      lastReader[node.id] = node.id
      for input in node.inputs { lastReader[input] = node.id }
    }
    let releases = Dictionary(grouping: lastReader.keys) { lastReader[$0] ?? $0 }
    steps = nodes.map { node in
      Step(
        node: node, isWanted: wanted.contains(node.id),
        releases: (releases[node.id] ?? []).sorted())
    }
    parameterElements =
      nodes.map { node in
        node.operation.parameters.reduce(0) { $0.clampedSum($1.shape.elementCount) }
      }.max() ?? 0
    var alive = 0
    var peak = 0
    for step in steps {
      alive = alive.clampedSum(step.node.elementCount)
      peak = max(peak, alive)
      for id in step.releases { alive = alive.clampedSum(-graph.nodes[id].elementCount) }
    }
    peakElements = peak
  }
}

extension Node {
  /// The numbers of its value for a single sample of the model.
  fileprivate var elementCount: Int { shape.elementCount.clampedProduct(samples) }
}
