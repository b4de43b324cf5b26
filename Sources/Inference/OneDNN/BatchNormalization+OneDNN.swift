import COneDNN
import FileSupport
import ModelGraph

extension BatchNormalization: OneDNNKernel {
  /// `(x − mean) · factor + bias`: the mean goes first, since `x · factor` and `mean · factor` may be large beside
  /// their difference.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let input = group.head.inputs[0]
    let image = builder.imageExtents(of: input)
    guard image.count <= 5 else { return false }
    let channels = image.enumerated().map { $0 == 1 ? $1 : 1 }
    let folded = try FoldedNormalization(self, builder.loader)
    let row = try PlanBuilder.dense(channels)
    let means = try builder.constant(folded.means.map(Float.init), channels, in: row)
    let factors = try builder.constant(folded.factors.map(Float.init), channels, in: row)
    let biases = try builder.constant(folded.biases.map(Float.init), channels, in: row)
    let source = try builder.image(input)
    guard
      let primitive = Primitive.combination(
        onednn_binary_subtract, source.layout, row, destination: source.layout,
        [
          .combination(onednn_binary_multiply, factors), .combination(onednn_binary_add, biases),
        ])
    else { return false }
    let target =
      builder.isLastUse(of: source, input) ? source : builder.newBuffer(source.layout)
    builder.add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: source),
        PrimitiveArgument(name: onednn_second_source, operand: means),
        PrimitiveArgument(name: onednn_second_source, number: 1, operand: factors),
        PrimitiveArgument(name: onednn_second_source, number: 2, operand: biases),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    try builder.setImage(target, of: group.head.id)
    return true
  }
}
