/// Which nodes of a graph are computed, and how long their values are needed.
///
/// The order is the graph's own. A value lives from its node until the last node that reads it.
public struct Lifetimes: Sendable {
  /// The nodes that are needed, in order.
  public let nodes: [Node]
  /// For each of ``nodes`` the nodes whose values nobody reads after it.
  public let releases: [[Int]]
  /// The most numbers that are alive at one time, for a single sample of the model. Clamped to `Int.max`.
  public let peakElements: Int
  /// The position in ``nodes`` of the one that is computed then; `nil` of an empty graph.
  public let peak: Int?
  /// The first of the nodes with the most numbers; `nil` of an empty graph.
  public let largest: Node?

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
    let readBefore = Dictionary(grouping: lastReader.keys) { lastReader[$0] ?? $0 }
    releases = nodes.map { (readBefore[$0.id] ?? []).sorted() }
    var alive = 0
    var most = (elements: 0, position: Int?.none)
    var largest: Node?
    for (position, node) in nodes.enumerated() {
      alive = alive.clampedSum(node.elementCount)
      if alive > most.elements { most = (alive, position) }
      if node.elementCount > largest?.elementCount ?? 0 { largest = node }
      for id in releases[position] { alive = alive.clampedSum(-graph.nodes[id].elementCount) }
    }
    self.nodes = nodes
    self.largest = largest
    (peakElements, peak) = (most.elements, most.position)
  }
}

extension Node {
  /// The numbers of its value for a single sample of the model. Clamped to `Int.max`.
  public var elementCount: Int { shape.elementCount.clampedProduct(samples) }
}
