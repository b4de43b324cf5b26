import COneDNN
import FileSupport
import ModelGraph

extension MatrixProduct: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let node = group.head
    let axes = node.shape.rank + 1
    let first = try builder.plain(node.inputs[0])
    let second = try builder.plain(node.inputs[1])
    guard axes <= 6, let a = matrices(first, axes, transposes: transposesFirst),
      let b = matrices(second, axes, transposes: transposesSecond)
    else { return false }
    let result = try PlanBuilder.dense(builder.extents(of: node.id))
    guard
      let primitive = Primitive.matrixProduct(
        source: a, weights: b, biases: nil, destination: result)
    else { return false }
    let target = try builder.newValue(of: node)
    builder.add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: Operand(place: first.place, layout: a)),
        PrimitiveArgument(name: onednn_weights, operand: Operand(place: second.place, layout: b)),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    return true
  }

  /// A value as matrices, with as many outer axes as the result has.
  private func matrices(_ value: Operand, _ axes: Int, transposes: Bool) -> TensorLayout? {
    var extents = value.layout.extents
    extents.insert(contentsOf: [Int](repeating: 1, count: axes - extents.count), at: 1)
    var strides = TensorLayout.denseStrides(extents)
    if transposes {
      extents.swapAt(axes - 1, axes - 2)
      strides.swapAt(axes - 1, axes - 2)
    }
    return TensorLayout.strided(extents, strides)
  }
}
