import FileSupport
import ModelGraph

extension Reduce: OneDNNKernel {
  /// The mean of all cells of an image is that of one window.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let shape = builder.graph.nodes[group.head.inputs[0]].shape
    let channels = builder.graph.layout.channelAxis(rank: shape.rank)
    guard rule == .mean, (2...4).contains(shape.rank),
      axes.sorted() == shape.extents.indices.filter({ $0 != channels })
    else { return false }
    let (node, input) = (group.head.id, group.head.inputs[0])
    let size = builder.graph.layout.spatial(of: shape)
    let window = Window(size: size, strides: size.map { _ in 1 }, padding: size.map { _ in .none })
    let cells = builder.imageExtents(of: input).prefix(2) + size.map { _ in 1 }
    // In the order of the image, or oneDNN takes fifty times as long.
    guard let any = TensorLayout.any(Array(cells)),
      let means = try builder.pool(.average, window, input, into: any)
    else { return false }
    // All orders of one cell are one, but for lanes that fill up a block.
    var target = means
    let dense = try PlanBuilder.dense(Array(cells))
    if means.layout.byteCount != dense.byteCount {
      target = builder.newBuffer(dense)
      try builder.reorder(means, to: target)
    }
    builder.setValue(
      Operand(place: target.place, layout: try PlanBuilder.dense(builder.extents(of: node))),
      of: node)
    return true
  }
}
