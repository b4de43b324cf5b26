import FileSupport

extension Graph {
  /// The same model with its images in another layout.
  ///
  /// Operations work on the images as they lie then; where one goes by the order of the elements (a reshaping), the
  /// axes are transposed back in front of it, and again behind it. Transpositions that undo each other are left out.
  /// Nodes keep their names; the model's inputs and outputs that are images lie in the other layout too.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` naming the first layer whose operation is not known in another
  ///   layout.
  public func inLayout(_ layout: ImageLayout) throws(ModelFileError) -> Graph {
    guard layout != self.layout else { return self }
    var change = LayoutPass(of: self, to: layout)
    return try change.run()
  }
}

/// Builds the graph in the other layout, node by node.
private struct LayoutPass {
  /// Where a value of the old graph is found in the new one: its axis *i* is axis `order[i]` of a node's value.
  private struct Place {
    let node: Int
    let order: [Int]
  }

  private let graph: Graph
  private let move: AxisMove
  private var builder: GraphBuilder
  private var places: [Int: Place] = [:]
  /// The transpositions so far, by what they take and in which order.
  private var transposed: [[Int]: Int] = [:]

  init(of graph: Graph, to layout: ImageLayout) {
    self.graph = graph
    move = AxisMove(to: layout)
    builder = GraphBuilder(layout: layout)
  }

  mutating func run() throws(ModelFileError) -> Graph {
    for node in graph.reachable {
      builder.layer = node.layer
      places[node.id] = try place(of: node)
    }
    for port in graph.outputs {
      builder.output(try moved(port.node), named: port.name, elementType: port.elementType)
    }
    return builder.finish()
  }

  private mutating func place(of node: Node) throws(ModelFileError) -> Place {
    // With the axes as they were, or where they were moved to.
    let own = Array(node.shape.extents.indices)
    let back = AxisMove(to: graph.layout).order(rank: own.count)
    if node.operation is Input {
      let type = graph.inputs.first { $0.node == node.id }?.elementType
      return Place(
        node: try builder.input(
          name: node.name, shape: Shape(move.moved(node.shape.extents)),
          elementType: type ?? .float32), order: back)
    }
    if let transposition = node.operation as? Transposition {
      let source = try place(at: node.inputs[0])
      return Place(node: source.node, order: transposition.order.map { source.order[$0] })
    }
    let shapes = node.inputs.map { graph.nodes[$0].shape }
    switch node.operation.inLayout(move, inputs: shapes) {
    case .unchanged:
      return Place(node: try add(node.operation, node, ownAxes: false), order: back)
    case .changed(let operation):
      return Place(node: try add(operation, node, ownAxes: false), order: back)
    case .elementOrder:
      return Place(node: try add(node.operation, node, ownAxes: true), order: own)
    case nil:
      let error = ModelFileError(
        .unsupported,
        "\(type(of: node.operation).caption) is not known for images that lie the other way round")
      throw node.layer.map { error.at($0.places) } ?? error
    }
  }

  private mutating func add(
    _ operation: some Operation, _ node: Node, ownAxes: Bool
  ) throws(ModelFileError) -> Int {
    var inputs: [Int] = []
    for input in node.inputs { inputs.append(ownAxes ? try own(input) : try moved(input)) }
    return try builder.add(operation, name: builder.unusedName(node.name), inputs: inputs)
  }

  private func place(at old: Int) throws(ModelFileError) -> Place {
    guard let place = places[old] else {
      throw ModelFileError(.internalFault, "the value '\(graph.nodes[old].name)' is nowhere")
    }
    return place
  }

  /// A value with its axes in the new layout's order.
  private mutating func moved(_ old: Int) throws(ModelFileError) -> Int {
    try value(old, move.order(rank: graph.nodes[old].shape.rank))
  }

  /// A value with its axes as they were.
  private mutating func own(_ old: Int) throws(ModelFileError) -> Int {
    try value(old, Array(graph.nodes[old].shape.extents.indices))
  }

  /// A value with its own axes in this order, which a transposition brings them into where it must.
  private mutating func value(_ old: Int, _ axes: [Int]) throws(ModelFileError) -> Int {
    let place = try place(at: old)
    let order = axes.map { place.order[$0] }
    guard order != Array(order.indices) else { return place.node }
    if let made = transposed[[place.node] + order] { return made }
    let made = try builder.add(
      Transposition(order: order),
      name: builder.unusedName("\(graph.nodes[old].name)_axes"), inputs: [place.node])
    transposed[[place.node] + order] = made
    return made
  }
}
