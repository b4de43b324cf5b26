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
    var sources: [Operand] = []
    for input in inputs { sources.append(try builder.image(input)) }
    // Whole blocks of channels are copied as they are; others are taken apart first.
    if Set(sources.map { builder.lanes(of: $0.layout) }).count > 1
      || !inputs.allSatisfy({ builder.imageExtents(of: $0)[1] % 16 == 0 })
    {
      sources = []
      for input in inputs { sources.append(try builder.plainImage(input)) }
    }
    return try builder.joinChannels(sources, node.id)
  }
}

extension PlanBuilder {
  fileprivate func plainValues(_ nodes: [Int]) throws(ModelFileError) -> [Operand] {
    var values: [Operand] = []
    for node in nodes { values.append(try plain(node)) }
    return values
  }

  /// An image in the C order of its shape.
  fileprivate func plainImage(_ node: Int) throws(ModelFileError) -> Operand {
    Operand(place: try plain(node).place, layout: try plainImageLayout(of: node))
  }

  fileprivate func join(
    _ sources: [Operand], axis: Int, _ node: Node
  ) throws(ModelFileError) -> Bool {
    let target = newBuffer(try Self.dense(extents(of: node.id)))
    guard addConcatenation(sources, axis: axis, target) else { return false }
    setValue(target, of: node.id)
    return true
  }

  fileprivate func joinChannels(_ sources: [Operand], _ node: Int) throws(ModelFileError) -> Bool {
    let target = newBuffer(try imageLayout(of: node, like: sources[0].layout))
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
