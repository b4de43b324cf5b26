import Inspection
import ModelGraph

/// Holds what two models compute against each other, operation by operation, along the values that they take:
/// what differs is found whether or not an input shows it.
///
/// The walk begins at the inputs, at the values of layers that belong together, and at the outputs, and goes
/// against the flow. A node of one model stands for one node of the other; where a second one would be taken
/// for it, the two are wired otherwise.
struct ConfigurationComparison {
  /// What is the same about two models, and what is not.
  struct Outcome {
    /// How many pairs of operations were compared.
    var compared = 0
    /// What makes them two models.
    var differences: [ModelDifference] = []
    /// Options that differ and provably change nothing.
    var equivalent: [ModelDifference] = []
    /// What could not be told.
    var unknown: [String] = []
  }

  private let first: Side
  private let second: Side
  private let pairs: [(ModelDescription.Layer, ModelDescription.Layer)]
  /// Whether the same may be cut up into layers otherwise: zeros around an image in a layer of their own,
  /// layers that do without biases.
  private let allowsOtherCut: Bool
  /// The position in `pairs` of the layers that nodes refer to.
  private let firstLayers: [Int: Int]
  private let secondLayers: [Int: Int]
  private var partners: [Int: Int] = [:]
  private var isTaken: [Int: Int] = [:]
  private var pending: [(Int, Int)] = []
  private var outcome = Outcome()
  /// What differs, by the position of the layer in `pairs`.
  private var byLayer: [Int: [ModelDifference]] = [:]

  /// - Parameter pairs: the layers that belong together; those of no pair are only seen where values
  ///   lead to them.
  init(
    _ first: ModelDescription, _ second: ModelDescription,
    pairs: [(ModelDescription.Layer, ModelDescription.Layer)], allowsOtherCut: Bool = false
  ) {
    self.allowsOtherCut = allowsOtherCut
    self.first = Side(first.graph, joinsBorders: allowsOtherCut)
    self.second = Side(second.graph, joinsBorders: allowsOtherCut)
    self.pairs = pairs
    let positions = pairs.indices
    firstLayers = Dictionary(
      positions.compactMap { position in pairs[position].0.index.map { ($0, position) } },
      uniquingKeysWith: { a, _ in a })
    secondLayers = Dictionary(
      positions.compactMap { position in pairs[position].1.index.map { ($0, position) } },
      uniquingKeysWith: { a, _ in a })
  }

  /// Compares. Inputs and outputs are compared as far as both models have them.
  func run() -> Outcome {
    var copy = self
    return copy.walk()
  }

  private mutating func walk() -> Outcome {
    for (a, b) in zip(first.graph.inputs, second.graph.inputs) { _ = pair(a.node, b.node) }
    for (position, (one, other)) in pairs.enumerated() {
      guard let a = one.node, let b = other.node, !pair(a, b) else { continue }
      add(
        ModelDifference(
          .configuration, layer: one.reportedName, option: "operation", first: first.caption(of: a),
          second: second.caption(of: b)), to: position)
    }
    for (number, (a, b)) in zip(first.graph.outputs, second.graph.outputs).enumerated()
    where !pair(a.node, b.node) {
      outcome.differences.append(
        ModelDifference(
          .interface, layer: "output \(number)", option: "value",
          first: first.graph.nodes[a.node].name, second: second.graph.nodes[b.node].name))
    }
    var next = 0
    while next < pending.count {
      compare(pending[next].0, pending[next].1)
      next += 1
    }
    nameOptions()
    return outcome
  }

  /// Takes two values for the same, and notes them for comparison.
  ///
  /// - Returns: whether they can be: neither stands for another one already.
  private mutating func pair(_ a: Int, _ b: Int) -> Bool {
    let (a, b) = (first.origin(of: a), second.origin(of: b))
    if let partner = partners[a] { return partner == b }
    guard isTaken[b] == nil else { return false }
    partners[a] = b
    isTaken[b] = a
    pending.append((a, b))
    return true
  }

  private mutating func compare(_ a: Int, _ b: Int) {
    outcome.compared += 1
    let (one, other) = (first.graph.nodes[a], second.graph.nodes[b])
    let position = one.layer.flatMap { firstLayers[$0.index] }
    if let position, let mate = other.layer.flatMap({ secondLayers[$0.index] }), mate != position {
      add(
        difference(
          one, option: "layer", first: pairs[position].0.name, second: pairs[mate].1.name),
        to: position)
    }
    let (x, y) = (first.form(of: a), second.form(of: b))
    guard type(of: x) == type(of: y) else {
      add(
        difference(
          one, option: "operation", first: type(of: x).caption, second: type(of: y).caption),
        to: position)
      return
    }
    let options = zip(OperationOptions(x).all, OperationOptions(y).all)
    for (p, q) in options where p.value != q.value {
      let isMissing = [p.value, q.value].contains(OperationOptions.none)
      if allowsOtherCut, isMissing, p.isParameter || q.isParameter { continue }
      guard let mine = p.value, let others = q.value else {
        outcome.unknown.append("\(one.name): \(p.name)")
        continue
      }
      add(difference(one, option: p.name, first: mine, second: others), to: position)
    }
    compareInputs(one, other, isCommutative: x.isCommutative(on: first.shapes(of: one)), position)
  }

  private mutating func compareInputs(
    _ one: Node, _ other: Node, isCommutative: Bool, _ position: Int?
  ) {
    let (mine, others) = (first.inputs(of: one), second.inputs(of: other))
    var matches = mine.count == others.count
    if matches {
      if isCommutative, mine.map({ partners[$0] ?? -1 }).sorted() == others.sorted() {
        if mine.map({ partners[$0] }) != others {
          outcome.equivalent.append(
            difference(
              one, option: "order of inputs", first: first.names(mine), second: second.names(others)
            ))
        }
        return
      }
      let partnersInOrder = isCommutative ? second.ordered(others, like: mine, of: first) : others
      for (a, b) in zip(mine, partnersInOrder) where !pair(a, b) { matches = false }
    }
    if !matches {
      add(
        difference(
          one, option: "inputs", first: first.names(mine), second: second.names(others)),
        to: position)
    }
  }

  private mutating func add(_ difference: ModelDifference, to position: Int?) {
    if let position {
      byLayer[position, default: []].append(difference)
    } else {
      outcome.differences.append(difference)
    }
  }

  /// A difference of a node, under the name of its layer.
  private func difference(
    _ node: Node, option: String, first: String, second: String
  ) -> ModelDifference {
    let position = node.layer.flatMap { firstLayers[$0.index] }
    return ModelDifference(
      .configuration,
      layer: position.map { pairs[$0].0.reportedName } ?? (node.layer?.path ?? node.name),
      option: option,
      first: first, second: second)
  }

  /// Says what differs by the names that the format gives its options, where these differ too.
  private mutating func nameOptions() {
    for (position, (one, other)) in pairs.enumerated() {
      let settings = LayerSettings.differences(one, other)
      guard let found = byLayer[position] else {
        outcome.equivalent += settings
        continue
      }
      let wiring = found.filter { ["inputs", "layer"].contains($0.option) }
      outcome.differences += settings.isEmpty ? found : settings + wiring
    }
  }
}

/// A graph as the walk sees it: without operations that change nothing.
private struct Side {
  let graph: Graph
  private let forms: [SimplestForm]
  /// The node whose value each one has, itself in most cases.
  private let origins: [Int]
  /// What convolutions take in front of the zeros around it.
  private let borderless: [Int: Int]
  /// What leads to each node, by its operations and shapes alone; the order of what is commutative does not count.
  private var outlines: [Int] = []

  /// - Parameter joinsBorders: whether zeros around an image belong to the window of the convolution behind
  ///   them.
  init(_ graph: Graph, joinsBorders: Bool) {
    self.graph = graph
    var forms: [SimplestForm] = []
    var borderless: [Int: Int] = [:]
    for node in graph.nodes {
      if joinsBorders, let joint = graph.convolutionWithBorder(node) {
        forms.append(joint.form)
        borderless[node.id] = joint.input
      } else {
        forms.append(node.simplestForm(in: graph))
      }
    }
    self.forms = forms
    self.borderless = borderless
    var origins: [Int] = []
    for node in graph.nodes {
      switch forms[node.id] {
      case .identity:
        origins.append(node.inputs.first.map { origins[$0] } ?? node.id)
      case .reshaping:
        let source = Self.source(of: node, graph, forms)
        origins.append(
          graph.nodes[source].shape == node.shape ? origins[source] : node.id)
      case .operation: origins.append(node.id)
      }
    }
    self.origins = origins
    for node in graph.nodes {
      let inputs = self.inputs(of: node).map { outlines[$0] }
      let form = form(of: node.id)
      outlines.append(
        [
          type(of: form).caption.hashValue, node.shape.hashValue,
          (form.isCommutative(on: shapes(of: node)) ? inputs.sorted() : inputs).hashValue,
        ].hashValue)
    }
  }

  /// What a chain of reshapings takes.
  private static func source(of node: Node, _ graph: Graph, _ forms: [SimplestForm]) -> Int {
    var current = node.id
    while let input = graph.nodes[current].inputs.first {
      if case .operation = forms[current] { break }
      current = input
    }
    return current
  }

  func origin(of node: Int) -> Int { origins[node] }

  /// Nodes of this graph in the order in which their like stands in another one, as far as each has its like there; else in
  /// their own.
  func ordered(_ nodes: [Int], like others: [Int], of other: Side) -> [Int] {
    var left = nodes
    var result: [Int] = []
    for node in others {
      guard let position = left.firstIndex(where: { outlines[$0] == other.outlines[node] }) else {
        return nodes
      }
      result.append(left.remove(at: position))
    }
    return result
  }

  /// The operation without what means nothing at its place.
  func form(of node: Int) -> any Operation {
    switch forms[node] {
    case .operation(let operation): operation
    case .identity: graph.nodes[node].operation
    case .reshaping: Reshaping(to: graph.nodes[node].shape)
    }
  }

  func inputs(of node: Node) -> [Int] {
    if case .reshaping = forms[node.id] { return [origins[Self.source(of: node, graph, forms)]] }
    if let input = borderless[node.id] { return [origins[input]] }
    return node.inputs.map { origins[$0] }
  }

  func shapes(of node: Node) -> [Shape] { node.inputs.map { graph.nodes[$0].shape } }

  func caption(of node: Int) -> String {
    origins[node] == node ? type(of: form(of: node)).caption : "none"
  }

  func names(_ nodes: [Int]) -> String {
    nodes.map { graph.nodes[$0].name }.joined(separator: ", ")
  }
}
