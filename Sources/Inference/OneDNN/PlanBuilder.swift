import COneDNN
import FileSupport
import ModelGraph

/// An operation that the oneDNN engine computes with primitives or kernels of its own. All others are computed by
/// the reference engine's kernels.
protocol OneDNNKernel: Operation {
  /// Adds the steps that compute a group that begins with the operation.
  ///
  /// - Returns: `false`, with nothing added, for what is left to the reference engine's kernel.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool
}

/// One step of a plan.
struct PlannedStep: Sendable {
  /// What is done.
  enum Action: Sendable {
    case nothing
    case primitive(Primitive, [PrimitiveArgument])
    case bands(Bands)
    case kernel(@Sendable (ExecutionMemory) throws(ModelFileError) -> Void)
  }

  let action: Action
  /// The nodes that are computed when the step is done, with the steps before it; none of other steps.
  var nodes: [Node] = []
  /// The value that is then handed over, in C order.
  var handedOver: (node: Node, value: Operand)?
}

/// Makes the steps that compute a graph for a batch of a certain size.
///
/// A value is kept in one or several forms: in the C order of its shape, or as an image in an order of oneDNN's. What
/// a step needs in another form is brought into that first, once.
final class PlanBuilder {
  let graph: Graph
  let batch: Int
  let options: OneDNNEngine.Options
  private(set) var steps: [PlannedStep] = []
  private(set) var buffers: [MemoryPlan.Buffer] = []
  private(set) var inputs: [Int: Operand] = [:]
  let loader = ParameterLoader()
  /// Memory for the parameter at work.
  var scratch: [Float] = []
  /// Whether all weights are numbers.
  var areConstantsFinite = true

  /// The forms of each node's value: in the C order of its shape, or as images under other extents.
  private var forms: [Int: [Form]] = [:]
  private struct Form {
    let operand: Operand
    let isImage: Bool
  }

  /// How many groups have still to read a node's value.
  private var remainingReaders: [Int: Int] = [:]
  /// The nodes whose values lie in a buffer.
  private var owners: [Int: Set<Int>] = [:]

  init(_ graph: Graph, batch: Int, _ options: OneDNNEngine.Options) {
    self.graph = graph
    self.batch = batch
    self.options = options
  }

  /// Makes the steps of a plan.
  ///
  /// - Throws: `ModelFileError`: what a kernel throws, with the layer.
  func build(_ plan: Plan) throws(ModelFileError) {
    let isWanted = Set(plan.steps.filter(\.isWanted).map(\.node.id))
    let groups = NodeGroups(graph, plan).groups
    for node in groups.flatMap(\.allNodes) {
      for input in node.inputs { remainingReaders[input, default: 0] += 1 }
    }
    for group in groups {
      do {
        try add(group)
        if isWanted.contains(group.last.id) { try handOver(group.last) }
      } catch {
        throw group.head.layer.map { error.at($0.place) } ?? error
      }
      for input in group.allNodes.flatMap(\.inputs) { remainingReaders[input, default: 0] -= 1 }
    }
  }

  private func add(_ group: NodeGroup) throws(ModelFileError) {
    for front in group.front {
      if try addBands(front, group) {
        steps[steps.count - 1].nodes += group.allNodes
        return
      }
      try add(front)
    }
    if group.head.operation is Input {
      let value = try newValue(of: group.head)
      inputs[group.head.id] = value
      steps.append(PlannedStep(action: .nothing))
      touch(value)
    } else if let kernel = group.head.operation as? any OneDNNKernel,
      try kernel.build(group, self)
    {
      // Its steps are there.
    } else if group.nodes.count > 1 {
      for node in group.nodes { try add(NodeGroup(node)) }
      return
    } else if !(group.head.operation is FurtherValue) {
      try addReferenceKernel(group.head)
    }
    if steps.isEmpty { steps.append(PlannedStep(action: .nothing)) }
    steps[steps.count - 1].nodes += group.nodes
  }

  // MARK: Values

  /// The samples of a node's value.
  func samples(of node: Node) -> Int { batch * node.samples }

  /// The extents of a node's value with the samples in front.
  func extents(of node: Int) -> [Int] {
    [samples(of: graph.nodes[node])] + graph.nodes[node].shape.extents
  }

  /// The extents of an image in oneDNN's order: `[N, C, …]`, with an axis of one cell if it has none.
  func imageExtents(of node: Int) -> [Int] {
    let shape = graph.nodes[node].shape
    let spatial = graph.layout.spatial(of: shape)
    return [samples(of: graph.nodes[node]), graph.layout.channels(of: shape)]
      + (spatial.isEmpty ? [1] : spatial)
  }

  /// The C order of an image, under the extents ``imageExtents(of:)``.
  func plainImageLayout(of node: Int) throws(ModelFileError) -> TensorLayout {
    try imageLayout(of: node, ImageOrder(graph.layout))
  }

  /// An image in an order.
  func imageLayout(of node: Int, _ order: ImageOrder) throws(ModelFileError) -> TensorLayout {
    try Self.existing(TensorLayout.image(imageExtents(of: node), order))
  }

  /// A value in the C order of its shape.
  func plain(_ node: Int) throws(ModelFileError) -> Operand {
    if let form = forms[node]?.first(where: { !$0.isImage }) { return form.operand }
    guard let image = forms[node]?.first?.operand else {
      throw ModelFileError(
        .internalFault, "a value of \(graph.nodes[node].name) was not computed")
    }
    let target = newBuffer(try Self.dense(extents(of: node)))
    try reorder(
      image, to: Operand(place: target.place, layout: try plainImageLayout(of: node)))
    addForm(target, isImage: false, of: node)
    return target
  }

  /// An image under the extents ``imageExtents(of:)``, in any order.
  func image(_ node: Int) throws(ModelFileError) -> Operand {
    if let form = forms[node]?.first(where: \.isImage) { return form.operand }
    return Operand(place: try plain(node).place, layout: try plainImageLayout(of: node))
  }

  /// An image in a certain order.
  func image(_ node: Int, in layout: TensorLayout) throws(ModelFileError) -> Operand {
    let found = try image(node)
    if found.layout.isSame(as: layout) { return found }
    if let form = forms[node]?.first(where: { $0.isImage && $0.operand.layout.isSame(as: layout) })
    {
      return form.operand
    }
    let target = newBuffer(layout)
    try reorder(found, to: target)
    addForm(target, isImage: true, of: node)
    return target
  }

  /// Declares that a node's value is there, in the C order of its shape.
  func setValue(_ operand: Operand, of node: Int) {
    forms[node] = nil
    addForm(operand, isImage: false, of: node)
  }

  /// Declares that an image is there; in C order it is also a plain value.
  func setImage(_ operand: Operand, of node: Int) throws(ModelFileError) {
    if operand.layout.isSame(as: try plainImageLayout(of: node)) {
      setValue(
        Operand(place: operand.place, layout: try Self.dense(extents(of: node))), of: node)
    } else {
      forms[node] = nil
      addForm(operand, isImage: true, of: node)
    }
  }

  private func addForm(_ operand: Operand, isImage: Bool, of node: Int) {
    forms[node, default: []].append(Form(operand: operand, isImage: isImage))
    if let buffer = operand.buffer { owners[buffer, default: []].insert(node) }
  }

  /// Room for a value in the C order of its shape.
  func newValue(of node: Node) throws(ModelFileError) -> Operand {
    let value = newBuffer(try Self.dense(extents(of: node.id)))
    if forms[node.id] == nil { setValue(value, of: node.id) }
    return value
  }

  /// Whether nothing but one input of the group that is being built still reads a value, so that its memory can be
  /// written to.
  func isLastUse(of operand: Operand, _ node: Int) -> Bool {
    guard let buffer = operand.buffer else { return false }
    return remainingReaders[node] == 1
      && owners[buffer, default: []].allSatisfy { $0 == node || remainingReaders[$0] == 0 }
  }

  static func dense(_ extents: [Int]) throws(ModelFileError) -> TensorLayout {
    try existing(TensorLayout.strided(extents))
  }

  static func existing<Value>(_ value: Value?) throws(ModelFileError) -> Value {
    guard let value else {
      throw ModelFileError(.internalFault, "oneDNN does not describe a value of these extents")
    }
    return value
  }

  // MARK: Steps

  /// Room for numbers in a layout, from the next step on.
  func newBuffer(_ layout: TensorLayout) -> Operand {
    buffers.append(
      MemoryPlan.Buffer(byteCount: layout.byteCount, first: steps.count, last: steps.count))
    return Operand(place: .buffer(buffers.count - 1), layout: layout)
  }

  /// Adds a primitive with its scratch memory.
  func add(_ primitive: Primitive, _ arguments: [PrimitiveArgument]) {
    var arguments = arguments
    if let layout = primitive.scratch {
      arguments.append(PrimitiveArgument(name: onednn_scratch, operand: newBuffer(layout)))
    }
    steps.append(PlannedStep(action: .primitive(primitive, arguments)))
    for argument in arguments { touch(argument.operand) }
  }

  /// Adds a kernel of our own.
  func add(
    touching operands: [Operand],
    _ body: @escaping @Sendable (ExecutionMemory) throws(ModelFileError) -> Void
  ) {
    steps.append(PlannedStep(action: .kernel(body)))
    for operand in operands { touch(operand) }
  }

  /// Adds convolutions that are computed band by band.
  func add(_ bands: Bands, touching operands: [Operand]) {
    steps.append(PlannedStep(action: .bands(bands)))
    for operand in operands { touch(operand) }
  }

  /// Adds the step that copies numbers into another order.
  func reorder(_ source: Operand, to target: Operand) throws(ModelFileError) {
    let primitive = try Self.existing(
      Primitive.reorder(source: source.layout, destination: target.layout))
    add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: source),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
  }

  private func handOver(_ node: Node) throws(ModelFileError) {
    let value = try plain(node.id)
    steps.append(PlannedStep(action: .nothing, handedOver: (node, value)))
    touch(value)
  }

  /// An operand is alive up to the step that was added last.
  private func touch(_ operand: Operand) {
    guard let buffer = operand.buffer else { return }
    buffers[buffer].last = max(buffers[buffer].last, steps.count - 1)
  }
}
