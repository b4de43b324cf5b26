import COneDNN
import FileSupport
import ModelGraph

extension Concatenation: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let (node, inputs) = (group.head, group.head.inputs)
    let layout = builder.graph.layout
    if inputs.count == 1 { return try builder.alias(group) }
    let channels = layout.channelAxis(rank: node.shape.rank)
    guard (axis ?? channels) == channels, (2...4).contains(node.shape.rank) else {
      return try builder.join(try builder.plainValues(inputs), axis: (axis ?? channels) + 1, node)
    }
    var orders: [ImageOrder?] = []
    for input in inputs { orders.append(try builder.image(input).layout.imageOrder) }
    // In the order that most of them lie in; whole blocks of channels alone can be joined as they are.
    let areWhole = inputs.allSatisfy { builder.imageExtents(of: $0)[1] % 16 == 0 }
    let counts = Dictionary(grouping: orders.compactMap(\.self)) { $0 }.mapValues(\.count)
    let order =
      orders.compactMap(\.self).filter { areWhole || !$0.isBlocked }
      .max { counts[$0, default: 0] < counts[$1, default: 0] } ?? ImageOrder(layout)
    return try builder.joinChannels(inputs, node.id, order)
  }
}

extension PlanBuilder {
  fileprivate func plainValues(_ nodes: [Int]) throws(ModelFileError) -> [Operand] {
    var values: [Operand] = []
    for node in nodes { values.append(try plain(node)) }
    return values
  }

  fileprivate func join(
    _ sources: [Operand], axis: Int, _ node: Node
  ) throws(ModelFileError) -> Bool {
    let target = newBuffer(try Self.dense(extents(of: node.id)))
    guard addConcatenation(sources, axis: axis, target) else { return false }
    setValue(target, of: node.id)
    return true
  }

  fileprivate func joinChannels(
    _ inputs: [Int], _ node: Int, _ order: ImageOrder
  ) throws(ModelFileError) -> Bool {
    var sources: [Operand] = []
    for input in inputs {
      sources.append(try image(input, in: try imageLayout(of: input, order)))
    }
    let target = newBuffer(try imageLayout(of: node, order))
    guard addConcatenation(sources, axis: 1, target) else { return false }
    try setImage(target, of: node)
    return true
  }

  private func addConcatenation(_ sources: [Operand], axis: Int, _ target: Operand) -> Bool {
    guard
      let primitive = Primitive.concatenation(
        axis: axis, sources.map(\.layout), destination: target.layout)
    else { return false }
    add(
      primitive,
      sources.enumerated().map {
        PrimitiveArgument(name: onednn_source, number: $0 + 1, operand: $1)
      } + [PrimitiveArgument(name: onednn_destination, operand: target)])
    return true
  }
}
