import FileSupport

extension Graph {
  /// Checks what everything that reads a graph relies on: nodes stand at the places of their numbers and behind what
  /// they take, names are unique, shapes are those that the operations give, inputs and outputs are there, and a
  /// parameter's numbers lie in its bytes.
  ///
  /// The builder makes no other graphs; tests and debug builds check it.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` naming the node, or what an operation says of its inputs.
  public func checkInvariants() throws(ModelFileError) {
    var names: Set<String> = []
    for (position, node) in nodes.enumerated() {
      try require(node.id == position, node, "stands at another place than its number")
      try require(node.inputs.allSatisfy((0..<position).contains), node, "takes a later value")
      try require(names.insert(node.name).inserted, node, "has another node's name")
      let shapes = node.inputs.map { nodes[$0].shape }
      let shape = try node.operation.outputShape(of: shapes, layout: layout)
      try require(shape == node.shape, node, "has another shape than its operation gives")
      if let further = node.operation as? FurtherValue, let giver = node.inputs.first {
        let given = try nodes[giver].operation.furtherShapes(
          of: nodes[giver].inputs.map { nodes[$0].shape }, layout: layout)
        try require(
          given.indices.contains(further.position) && given[further.position] == further.shape,
          node, "is no further value of the one that it takes")
      }
      for parameter in node.operation.parameters {
        try require(
          parameter.view.elementCount == parameter.shape.elementCount, node,
          "has a parameter whose view has another number of elements than its shape")
      }
    }
    for port in inputs {
      try require(nodes.indices.contains(port.node), nil, "the input '\(port.name)' is not there")
      try require(
        nodes[port.node].operation is Input, nodes[port.node],
        "is an input that something computes")
    }
    for port in outputs {
      try require(nodes.indices.contains(port.node), nil, "the output '\(port.name)' is not there")
    }
  }

  private func require(
    _ condition: Bool, _ node: Node?, _ problem: String
  ) throws(ModelFileError) {
    guard !condition else { return }
    throw ModelFileError(
      .internalFault, at: node?.layer?.places ?? [],
      node.map { "the value '\($0.name)' \(problem)" } ?? problem)
  }
}
