import COneDNN
import FileSupport
import ModelGraph

extension Reshaping: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.alias(group)
  }
}

extension FoldIntoBatch: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.alias(group)
  }
}

extension UnfoldFromBatch: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.alias(group)
  }
}

extension Transposition: OneDNNKernel {
  /// A copy that reads along the axes in their new order.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let source = try builder.plain(group.head.inputs[0])
    let strides = TensorLayout.denseStrides(source.layout.extents)
    let order = [0] + order.map { $0 + 1 }
    guard order.count <= 6,
      let layout = TensorLayout.strided(
        builder.extents(of: group.head.id), order.map { strides[$0] })
    else { return false }
    let target = try builder.newValue(of: group.head)
    try builder.reorder(Operand(place: source.place, layout: layout), to: target)
    return true
  }
}

extension Slice: OneDNNKernel {
  /// A copy of a part: of whole blocks of channels where it can be, else of the value in C order.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    guard axes.allSatisfy({ $0.step == 1 }), axes.count <= 5 else { return false }
    let (node, input) = (group.head, group.head.inputs[0])
    let layout = builder.graph.layout
    let offsets = axes.map(\.start)
    let image = try builder.image(input)
    if (2...4).contains(axes.count) {
      var spatial = offsets
      let channel = spatial.remove(at: layout.channelAxis(rank: axes.count))
      let extents = builder.imageExtents(of: node.id)
      if let part = image.layout.part(extents, from: [0, channel] + spatial),
        let order = image.layout.imageOrder
      {
        let target = builder.newBuffer(try builder.imageLayout(of: node.id, order))
        try builder.reorder(Operand(place: image.place, layout: part), to: target)
        try builder.setImage(target, of: node.id)
        return true
      }
    }
    let source = try builder.plain(input)
    guard let part = source.layout.part(builder.extents(of: node.id), from: [0] + offsets) else {
      return false
    }
    let target = try builder.newValue(of: node)
    try builder.reorder(Operand(place: source.place, layout: part), to: target)
    return true
  }
}

extension Repeat: OneDNNKernel {
  /// The nearest cell of an image that is enlarged by whole factors.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let (node, input) = (group.head, group.head.inputs[0])
    guard (2...4).contains(counts.count),
      counts[builder.graph.layout.channelAxis(rank: counts.count)] == 1
    else { return false }
    let source = try builder.image(input)
    let layout = try builder.imageLayout(
      of: node.id, source.layout.imageOrder ?? ImageOrder(builder.graph.layout))
    guard let primitive = Primitive.resampling(source: source.layout, destination: layout) else {
      return false
    }
    let target = builder.newBuffer(layout)
    builder.add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: source),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    try builder.setImage(target, of: node.id)
    return true
  }
}
