import FileSupport

/// Where in the user's description a node comes from, for messages and reports.
public struct LayerReference: Sendable, Equatable {
  /// The position of the layer, counted from 0.
  public let index: Int
  /// What the layer is called: `convolutional_12`, `conv1`.
  public let name: String
  /// The type by the name of its own format: `convolutional`, `Conv2D`.
  public let type: String
  /// The line of the description that the layer begins on, where that is a text.
  public let line: Int?
  /// The names that lead to it, the layer's own first, where it is one within that layer: `block/conv1`.
  public var path: String

  /// Refers to a layer.
  public init(index: Int, name: String, type: String, line: Int? = nil) {
    self.index = index
    self.name = name
    self.type = type
    self.line = line
    path = name
  }

  /// The place of an error in this layer.
  public var place: ModelFileError.Place { .layer(index: index, type: type) }

  /// The place of an error in the description itself: the line too, where there is one.
  public var places: [ModelFileError.Place] {
    (line.map { [.line($0)] } ?? []) + [place]
  }
}

/// One operation of a graph with the values that it takes.
public struct Node: Sendable {
  /// The position in ``Graph/nodes``.
  public let id: Int
  /// The name, unique in the graph: `convolutional_12`, `convolutional_12_bn`.
  public let name: String
  /// What is computed.
  public let operation: any Operation
  /// The nodes whose values it takes, in order. All come earlier in the graph.
  public let inputs: [Int]
  /// The shape of its value, without the batch axis.
  public let shape: Shape
  /// How many samples of its value there are for each sample of the model: 1 but inside a
  /// ``FoldIntoBatch``. A product that does not fit an `Int` is clamped.
  public let samples: Int
  /// The layer that it was lowered from.
  public let layer: LayerReference?
}

/// A value by which a model meets the outside.
public struct Port: Sendable, Equatable {
  /// The name that the format has for it: that of an input, of an output, or of the layer that gives it.
  public let name: String
  /// The node whose value it is.
  public let node: Int
  /// The type of its numbers as the format declares it. The graph computes with floats whatever it is; what a model is
  /// given is brought to it first.
  public var elementType = ElementType.float32
}

/// A model as operations in an order in which they can be computed.
///
/// Every format is lowered to it and raised from it. Values have no batch axis here. Parameters are
/// references to bytes in files; nothing is loaded.
public struct Graph: Sendable {
  /// How image-like values lie, in the whole graph.
  public let layout: ImageLayout
  /// The nodes, each after those that it takes values from.
  public internal(set) var nodes: [Node] = []
  /// The model's inputs, in order.
  public internal(set) var inputs: [Port] = []
  /// The model's outputs, in order. Several may have one value.
  public internal(set) var outputs: [Port] = []

  /// The nodes that the outputs need, inputs included, in graph order.
  public var reachable: [Node] {
    var needed = Set(outputs.map(\.node))
    for node in nodes.reversed() where needed.contains(node.id) {
      needed.formUnion(node.inputs)
    }
    return nodes.filter { needed.contains($0.id) || $0.operation is Input }
  }

  /// All parameters in graph order.
  public var parameters: [Parameter] { nodes.flatMap(\.operation.parameters) }

  /// The multiply-adds of one pass over one sample by the index of the layer, for the layers of which
  /// there are nodes. Clamped to `Int.max`.
  public var multiplyAdds: [Int: Int] {
    var counts: [Int: Int] = [:]
    for node in nodes {
      guard let layer = node.layer?.index else { continue }
      counts[layer, default: 0] = counts[layer, default: 0].clampedSum(multiplyAdds(of: node))
    }
    return counts
  }

  /// The multiply-adds of a node in one pass over one sample. Clamped to `Int.max`.
  public func multiplyAdds(of node: Node) -> Int {
    node.operation.multiplyAdds(
      inputs: node.inputs.map { nodes[$0].shape }, output: node.shape
    ).clampedProduct(node.samples)
  }
}

/// Puts a graph together, node by node, and works out every shape on the way.
public struct GraphBuilder {
  private var graph: Graph
  private var names = UniqueNames()
  /// The layer that the nodes added from now on come from.
  public var layer: LayerReference?

  /// An empty graph.
  public init(layout: ImageLayout) {
    graph = Graph(layout: layout)
  }

  /// How image-like values lie.
  public var layout: ImageLayout { graph.layout }

  /// The shape of a node's value.
  public func shape(of node: Int) -> Shape { graph.nodes[node].shape }

  /// How many samples of a node's value there are for each sample of the model.
  public func samples(of node: Int) -> Int { graph.nodes[node].samples }

  /// The name of a node.
  public func name(of node: Int) -> String { graph.nodes[node].name }

  /// The operation of a node.
  public func operation(of node: Int) -> any Operation { graph.nodes[node].operation }

  /// The nodes whose values a node takes.
  public func inputs(of node: Int) -> [Int] { graph.nodes[node].inputs }

  /// The name, or one with a number behind it that no node has.
  public mutating func unusedName(_ wanted: String) -> String { names.unused(wanted) }

  /// Adds an input of the model.
  public mutating func input(
    name: String, shape: Shape, elementType: ElementType = .float32
  ) throws(ModelFileError) -> Int {
    let node = try add(Input(shape: shape), name: name, inputs: [])
    graph.inputs.append(Port(name: name, node: node, elementType: elementType))
    return node
  }

  /// Adds a node.
  ///
  /// - Returns: the node's number.
  /// - Throws: `ModelFileError` of kind `damaged` if the operation can't take these shapes.
  public mutating func add(
    _ operation: some Operation, name: String, inputs: [Int]
  ) throws(ModelFileError) -> Int {
    guard names.take(name) else {
      throw ModelFileError(
        .internalFault, at: layer?.places ?? [], "two values of the model have one name",
        found: name)
    }
    let shape: Shape
    let samples: Int
    do {
      let shapes = inputs.map { graph.nodes[$0].shape }
      shape = try operation.outputShape(of: shapes, layout: graph.layout)
      samples = try operation.outputSamples(of: try self.samples(of: inputs), inputs: shapes)
    } catch {
      throw layer.map { error.at($0.places) } ?? error
    }
    let node = Node(
      id: graph.nodes.count, name: name, operation: operation, inputs: inputs, shape: shape,
      samples: samples, layer: layer)
    graph.nodes.append(node)
    return node.id
  }

  /// Adds a node for each of the values that a node gives besides its own.
  ///
  /// - Returns: the nodes' numbers, in the order of the operation.
  /// - Throws: as ``add(_:name:inputs:)``.
  public mutating func furtherValues(of node: Int) throws(ModelFileError) -> [Int] {
    let giver = graph.nodes[node]
    let shapes = try giver.operation.furtherShapes(
      of: giver.inputs.map { graph.nodes[$0].shape }, layout: graph.layout)
    return try shapes.enumerated().map { (position, shape) throws(ModelFileError) in
      try add(
        FurtherValue(position: position, shape: shape),
        name: unusedName("\(giver.name)_value_\(position + 1)"), inputs: [node])
    }
  }

  /// The samples of the values that a node takes, which must be as many of each.
  private func samples(of inputs: [Int]) throws(ModelFileError) -> Int {
    let counts = inputs.map { graph.nodes[$0].samples }
    guard let first = counts.first else { return 1 }
    guard counts.allSatisfy({ $0 == first }) else {
      throw ModelFileError(
        .damaged, "takes values of different numbers of samples", expected: "\(first)",
        found: "\(counts)")
    }
    return first
  }

  /// Declares a node's value an output of the model.
  public mutating func output(
    _ node: Int, named name: String, elementType: ElementType = .float32
  ) {
    graph.outputs.append(Port(name: name, node: node, elementType: elementType))
  }

  /// The graph.
  public func finish() -> Graph {
    #if DEBUG
      do { try graph.checkInvariants() } catch { assertionFailure("\(error)") }
    #endif
    return graph
  }
}
