import COneDNN
import FileSupport
import ModelGraph

extension Softmax: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    guard temperature == 1 else { return false }
    let rows = builder.samples(of: group.head) * groups
    let columns = group.head.shape.elementCount / max(groups, 1)
    let source = try builder.plain(group.head.inputs[0])
    guard let layout = TensorLayout.strided([rows, columns]),
      let primitive = Primitive.softmax(axis: 1, layout)
    else { return false }
    let target = try builder.newValue(of: group.head)
    builder.add(
      primitive,
      [
        PrimitiveArgument(
          name: onednn_source, operand: Operand(place: source.place, layout: layout)),
        PrimitiveArgument(
          name: onednn_destination, operand: Operand(place: target.place, layout: layout)),
      ])
    return true
  }
}
