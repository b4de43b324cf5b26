import ModelGraph

/// How coarsely numbers are kept or computed in each layer: what counts as ε there.
///
/// It is float32's, but for two cases: where a layer of either model rounds its values to a shorter type
/// (`mixed_float16`), and where one of the files keeps a variable in a shorter type than the other does.
struct UnitRoundoff {
  /// By the index that the graph gives the layer.
  private var epsilons: [Int: Double] = [:]

  /// - Parameter isCandidate: whether the tolerances are those of the candidate's graph.
  init(
    _ reference: ComparedModel, _ candidate: ComparedModel, _ pairing: ModelPairing,
    ofCandidate isCandidate: Bool
  ) {
    let own = Self.roundings(of: reference.graph)
    let others = Self.roundings(of: candidate.graph)
    for (a, b) in pairing.layers {
      guard let x = a.value, let y = b.value else { continue }
      let first = reference.graph.nodes[x.node].layer?.index
      let second = candidate.graph.nodes[y.node].layer?.index
      guard let index = isCandidate ? second : first else { continue }
      var found = [first.flatMap { own[$0] }, second.flatMap { others[$0] }].compactMap(\.self)
      for (p, q) in zip(a.parameters, b.parameters) {
        guard let one = p.numbers?.elementType, let two = q.numbers?.elementType, one != two
        else { continue }
        found.append(max(one.epsilon, two.epsilon))
      }
      epsilons[index] = max(epsilons[index] ?? 0, found.max() ?? 0)
    }
  }

  /// The roundings of one model alone.
  init(_ graph: Graph) {
    epsilons = Self.roundings(of: graph)
  }

  /// The distance from 1 to the next number that the values of a node are made of.
  func epsilon(of node: Node) -> Double {
    max(node.layer.flatMap { epsilons[$0.index] } ?? 0, ElementType.float32.epsilon)
  }

  private static func roundings(of graph: Graph) -> [Int: Double] {
    var result: [Int: Double] = [:]
    for node in graph.nodes {
      guard let cast = node.operation as? Cast, let index = node.layer?.index else {
        continue
      }
      result[index] = max(result[index] ?? 0, cast.type.epsilon)
    }
    return result
  }
}
