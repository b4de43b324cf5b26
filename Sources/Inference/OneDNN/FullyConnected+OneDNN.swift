import COneDNN
import FileSupport
import ModelGraph

extension FullyConnected: SummingOperation {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let input = group.head.inputs[0]
    let (outputs, inputs) = (weights.shape.extents[0], weights.shape.extents[1])
    let epilogue = try Epilogue(group, outputs: outputs, biases: biases, builder.loader)
    let samples = builder.samples(of: group.head)
    guard let source = TensorLayout.strided([samples, inputs]),
      let any = TensorLayout.any([inputs, outputs]),
      let result = TensorLayout.strided([samples, outputs]),
      let row = TensorLayout.strided([1, outputs]),
      let primitive = Primitive.matrixProduct(
        source: source, weights: any, biases: epilogue.offsets == nil ? nil : row,
        destination: result, epilogue.postOperations),
      let matrix = primitive.layout(onednn_weights, [inputs, outputs])
    else { return false }
    let value = try builder.plain(input)
    var arguments = [
      PrimitiveArgument(
        name: onednn_source, operand: Operand(place: value.place, layout: source)),
      PrimitiveArgument(
        name: onednn_weights,
        operand: try builder.constant(
          weights, times: epilogue.factors, [inputs, outputs], strides: [1, inputs], in: matrix)),
    ]
    if let offsets = epilogue.offsets {
      arguments.append(
        PrimitiveArgument(
          name: onednn_biases, operand: try builder.constant(offsets, [1, outputs])))
    }
    let target = try builder.destination(
      try PlanBuilder.dense(builder.extents(of: group.last.id)), adding: epilogue.addend,
      builder.plain)
    arguments.append(
      PrimitiveArgument(
        name: onednn_destination, operand: Operand(place: target.place, layout: result)))
    builder.add(primitive, arguments)
    builder.setValue(target, of: group.last.id)
    return true
  }
}
