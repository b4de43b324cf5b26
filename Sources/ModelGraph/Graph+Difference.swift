/// Where two graphs compute otherwise.
public struct GraphDifference: Sendable {
  /// The node of the first graph.
  public let node: Node
  /// What differs there: an option with both values, or the operations.
  public let what: String
}

extension Graph {
  /// The first place, on the way back from the outputs, at which another graph computes otherwise; `nil` if both compute
  /// the same of the same inputs, with parameters of the same names.
  ///
  /// Only configuration counts: operations without what means nothing where they stand, their options, and how they are
  /// wired. Graphs that compute the same in another way differ.
  public func difference(from other: Graph) -> GraphDifference? {
    guard outputs.count == other.outputs.count else {
      return nodes.last.map {
        GraphDifference(node: $0, what: "\(outputs.count) outputs and \(other.outputs.count)")
      }
    }
    var partners: [Int: Int] = [:]
    var waiting = zip(outputs, other.outputs).map { ($0.node, $1.node) }
    while let (first, second) = waiting.popLast() {
      let (a, b) = (simplest(first), other.simplest(second))
      if let known = partners[a.id] {
        guard known == b.id else {
          return GraphDifference(node: a, what: "another value is taken")
        }
        continue
      }
      partners[a.id] = b.id
      if let what = Self.difference(of: a, in: self, from: b, in: other) {
        return GraphDifference(node: a, what: what)
      }
      waiting.append(contentsOf: zip(a.inputs, b.inputs))
    }
    return nil
  }

  /// The node that gives a value, those passed over that only hand it on.
  private func simplest(_ id: Int) -> Node {
    var node = nodes[id]
    while case .identity = node.simplestForm(in: self), let source = node.inputs.first {
      node = nodes[source]
    }
    return node
  }

  private static func difference(
    of a: Node, in first: Graph, from b: Node, in second: Graph
  ) -> String? {
    guard a.shape == b.shape else { return "the shapes \(a.shape) and \(b.shape)" }
    guard a.inputs.count == b.inputs.count else {
      return "\(a.inputs.count) values and \(b.inputs.count)"
    }
    switch (a.simplestForm(in: first), b.simplestForm(in: second)) {
    case (.reshaping, .reshaping), (.identity, .identity): return nil
    case (.operation(let x), .operation(let y)):
      guard type(of: x) == type(of: y) else {
        return "\(type(of: x).caption) and \(type(of: y).caption)"
      }
      let names = x.parameters.map(\.name)
      guard names == y.parameters.map(\.name) else {
        return "the parameters \(names) and \(y.parameters.map(\.name))"
      }
      let (options, others) = (OperationOptions(x).all, OperationOptions(y).all)
      for (option, other) in zip(options, others)
      where option.name != other.name || option.value != other.value {
        return "\(option.name) \(option.value ?? "?") and \(other.value ?? "?")"
      }
      return options.count == others.count ? nil : "other options"
    default: return "\(type(of: a.operation).caption) and \(type(of: b.operation).caption)"
    }
  }
}
