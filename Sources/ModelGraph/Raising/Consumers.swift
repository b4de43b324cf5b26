/// Who takes the value of each node, among those that the outputs need.
public struct Consumers: Sendable {
  private var takers: [Int: [Node]] = [:]
  private let outputs: Set<Int>

  /// The consumers in a graph.
  public init(in graph: Graph) {
    for node in graph.reachable {
      for input in node.inputs { takers[input, default: []].append(node) }
    }
    outputs = Set(graph.outputs.map(\.node))
  }

  /// The node that alone takes a value, once; `nil` if there are others, or it is an output of the model.
  public func only(of node: Int) -> Node? {
    guard let all = takers[node], all.count == 1, !outputs.contains(node) else { return nil }
    return all[0]
  }

  /// Whether all that take a value are of a kind, and it is no output.
  public func all(of node: Int, satisfy condition: (any Operation) -> Bool) -> Bool {
    !outputs.contains(node) && (takers[node] ?? []).allSatisfy { condition($0.operation) }
  }

  /// The normalization and the activation right behind a layer with weights.
  public struct Ending {
    /// The normalization of the layer's value.
    public var normalization: BatchNormalization?
    /// The function of the result.
    public var activation: ActivationFunction?
    /// Their nodes.
    public var nodes: [Int] = []
  }

  /// What one layer can compute together with the node: a normalization, then an activation, either of which may be
  /// missing, if nothing else takes the values between.
  ///
  /// - Parameters:
  ///   - node: the layer with weights.
  ///   - normalizes: whether the layer can have a normalization.
  ///   - activates: whether it can have a function.
  public func ending(
    of node: Int, normalizes: Bool, activates: (ActivationFunction) -> Bool
  ) -> Ending {
    var ending = Ending()
    if normalizes, let next = only(of: node),
      let normalization = next.operation as? BatchNormalization
    {
      ending.normalization = normalization
      ending.nodes.append(next.id)
    }
    if let next = only(of: ending.nodes.last ?? node),
      let activation = next.operation as? Activation, activates(activation.function)
    {
      ending.activation = activation.function
      ending.nodes.append(next.id)
    }
    return ending
  }
}
