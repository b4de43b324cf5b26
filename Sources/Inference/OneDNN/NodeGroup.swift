import ModelGraph

/// Nodes that are computed as one: an operation that sums products, and what is done to each of its sums.
struct NodeGroup {
  /// What is done to the sums, in order.
  enum Follower {
    case normalization(BatchNormalization)
    case activation(ActivationFunction)
    /// The value of another node is added.
    case addition(Int)
  }

  /// The operation in front.
  let head: Node
  /// The node whose value the head takes, if that is one.
  let input: Int?
  /// How the head's kernel moves if it is a convolution, a border that a node before it makes included.
  let window: Window?
  /// What follows.
  fileprivate(set) var followers: [Follower] = []
  /// All nodes, in graph order. The last one's value is the group's.
  fileprivate(set) var nodes: [Node]

  /// The group whose value this one alone reads, where the two may be computed band by band: a convolution of single
  /// cells in front of a depthwise one.
  fileprivate(set) var front: [NodeGroup] = []

  /// A node by itself.
  init(_ node: Node) {
    head = node
    input = node.inputs.first
    window = (node.operation as? Convolution)?.window
    nodes = [node]
  }

  fileprivate init(_ node: Node, border: Node, input: Int, window: Window) {
    head = node
    self.input = input
    self.window = window
    nodes = [border, node]
  }

  /// The node whose value the group computes.
  var last: Node { nodes[nodes.count - 1] }

  /// The group's nodes and those in front.
  var allNodes: [Node] { front.flatMap(\.allNodes) + nodes }
}

/// Cuts a plan into groups: nobody but the next node of a group reads a value inside it, and it isn't asked for.
struct NodeGroups {
  /// The groups in the order in which they can be computed: that of their last nodes.
  private(set) var groups: [NodeGroup] = []

  private let graph: Graph
  private let isWanted: Set<Int>
  private var readers: [Int: [Node]] = [:]
  private var taken: Set<Int> = []

  init(_ graph: Graph, _ plan: Plan) {
    self.graph = graph
    isWanted = Set(plan.steps.filter(\.isWanted).map(\.node.id))
    for step in plan.steps {
      for input in step.node.inputs { readers[input, default: []].append(step.node) }
    }
    // From the back, so that of two sums that meet in an addition the later one takes it: the other one's value is
    // there by then.
    for step in plan.steps.reversed() where !taken.contains(step.node.id) {
      if step.node.operation is any SummingOperation { add(group(from: step.node)) }
    }
    for step in plan.steps where !taken.contains(step.node.id) { add(NodeGroup(step.node)) }
    groups.sort { $0.last.id < $1.last.id }
    joinBands()
  }

  /// Puts convolutions of single cells in front of the depthwise ones that alone read their values.
  private mutating func joinBands() {
    let places = Dictionary(uniqueKeysWithValues: groups.indices.map { (groups[$0].last.id, $0) })
    var joined: Set<Int> = []
    for index in groups.indices where groups[index].isDepthwise {
      guard let input = groups[index].input, let place = places[input], !joined.contains(place),
        groups[place].window?.size == [1, 1], !groups[place].isDepthwise, !isWanted.contains(input),
        let all = readers[input], all.count == 1, all[0].id == groups[index].nodes[0].id
      else { continue }
      groups[index].front = [groups[place]]
      joined.insert(place)
    }
    groups = groups.indices.filter { !joined.contains($0) }.map { groups[$0] }
  }

  private mutating func add(_ group: NodeGroup) {
    groups.append(group)
    taken.formUnion(group.nodes.map(\.id))
  }

  private func group(from node: Node) -> NodeGroup {
    var group = groupWithBorder(node)
    while let next = onlyReader(of: group.last), let follower = follower(next, in: group) {
      group.followers.append(follower)
      group.nodes.append(next)
    }
    return group
  }

  private func groupWithBorder(_ node: Node) -> NodeGroup {
    guard let (form, input) = graph.convolutionWithBorder(node),
      case .operation(let operation) = form, let joint = operation as? Convolution,
      let border = node.inputs.first, onlyReader(of: graph.nodes[border])?.id == node.id
    else { return NodeGroup(node) }
    return NodeGroup(node, border: graph.nodes[border], input: input, window: joint.window)
  }

  /// The node that alone reads a value that nobody else asks for.
  private func onlyReader(of node: Node) -> Node? {
    guard !isWanted.contains(node.id), let all = readers[node.id], all.count == 1,
      !taken.contains(all[0].id)
    else { return nil }
    return all[0]
  }

  private func follower(_ node: Node, in group: NodeGroup) -> NodeGroup.Follower? {
    guard node.shape == group.last.shape, node.samples == group.last.samples else { return nil }
    switch node.operation {
    case let operation as BatchNormalization where group.followers.isEmpty:
      return .normalization(operation)
    case is Dropout: return .activation(.linear)
    case let operation as Activation where operation.function.eltwise != nil:
      return .activation(operation.function)
    case let operation as Elementwise where operation.rule == .sum:
      return addition(node, in: group)
    case let operation as SampledAddition where operation.alpha == 1 && operation.beta == 1:
      return addition(node, in: group)
    default: return nil
    }
  }

  private func addition(_ node: Node, in group: NodeGroup) -> NodeGroup.Follower? {
    guard node.inputs.count == 2,
      let other = node.inputs.first(where: { $0 != group.last.id }),
      graph.nodes[other].shape == node.shape,
      // One addition: oneDNN adds to what the destination holds.
      !group.followers.contains(where: { if case .addition = $0 { true } else { false } })
    else { return nil }
    return .addition(other)
  }
}

extension NodeGroup {
  fileprivate var isDepthwise: Bool {
    guard let convolution = head.operation as? Convolution, convolution.groups > 1 else {
      return false
    }
    return convolution.weights.shape.extents.prefix(2) == [convolution.groups, 1]
  }
}

/// An operation whose sums can be worked on before they are written.
protocol SummingOperation: OneDNNKernel {}
