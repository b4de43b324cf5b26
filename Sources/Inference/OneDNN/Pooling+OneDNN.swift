import COneDNN
import FileSupport
import ModelGraph

extension Pooling: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    // oneDNN wants a cell of the image in each window.
    guard window.isOfOneDNN, !window.size.isEmpty,
      zip(window.padding, window.covered).allSatisfy({ $0.before < $1 && $0.after < $1 })
    else { return false }
    let node = group.head
    guard let any = TensorLayout.any(builder.imageExtents(of: node.id)),
      let target = try builder.pool(rule, window, node.inputs[0], into: any)
    else { return false }
    try builder.setImage(target, of: node.id)
    return true
  }
}

extension PlanBuilder {
  /// Pools an image in whatever order it lies.
  ///
  /// - Parameter layout: that of the result, or any.
  /// - Returns: the result; `nil` if oneDNN does not pool so.
  func pool(
    _ rule: Pooling.Rule, _ window: Window, _ input: Int, into layout: TensorLayout
  ) throws(ModelFileError) -> Operand? {
    let source = try image(input)
    guard
      let primitive = Primitive.pooling(
        rule, window.inC, source: source.layout, destination: layout),
      let chosen = primitive.layout(onednn_destination, layout.extents)
    else { return nil }
    let target = newBuffer(chosen)
    add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: source),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    return target
  }
}
