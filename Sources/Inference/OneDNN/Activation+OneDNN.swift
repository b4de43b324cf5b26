import COneDNN
import FileSupport
import ModelGraph

extension ActivationFunction {
  /// The function as oneDNN has it; `nil` if it has none, or only one that is less exact.
  var eltwise: EltwiseFunction? {
    switch simplified {
    case .linear: EltwiseFunction(kind: onednn_eltwise_linear, alpha: 1)
    case .logistic: EltwiseFunction(kind: onednn_eltwise_logistic)
    case .tanh: EltwiseFunction(kind: onednn_eltwise_tanh)
    case .relu(nil): EltwiseFunction(kind: onednn_eltwise_relu)
    case .relu(let maximum?):
      EltwiseFunction(kind: onednn_eltwise_clip, alpha: 0, beta: Float(maximum))
    case .leakyRelu(let slope): EltwiseFunction(kind: onednn_eltwise_relu, alpha: Float(slope))
    case .elu(let alpha): EltwiseFunction(kind: onednn_eltwise_elu, alpha: Float(alpha))
    case .hardTanh: EltwiseFunction(kind: onednn_eltwise_clip, alpha: -1, beta: 1)
    case .swish: EltwiseFunction(kind: onednn_eltwise_swish, alpha: 1)
    case .mish: EltwiseFunction(kind: onednn_eltwise_mish)
    case .exponential: EltwiseFunction(kind: onednn_eltwise_exp)
    case .gelu: EltwiseFunction(kind: onednn_eltwise_gelu)
    default: nil
    }
  }
}

extension Activation: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    guard let function = function.eltwise else { return false }
    if function.kind == onednn_eltwise_linear { return try builder.alias(group) }
    return try builder.apply(function, group)
  }
}

extension Dropout: OneDNNKernel {
  /// Nothing at inference.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.alias(group)
  }
}

extension Affine: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.apply(
      EltwiseFunction(kind: onednn_eltwise_linear, alpha: Float(scale), beta: Float(offset)), group)
  }
}

extension PlanBuilder {
  /// A function of each number, in whatever form the value has, in place if nobody else reads it.
  fileprivate func apply(
    _ function: EltwiseFunction, _ group: NodeGroup
  ) throws(ModelFileError) -> Bool {
    let (node, input) = (group.last.id, group.last.inputs[0])
    let source = try image(input)
    guard let primitive = Primitive.function(function, source.layout) else { return false }
    let target = isLastUse(of: source, input) ? source : newBuffer(source.layout)
    add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: source),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    try setImage(target, of: node)
    return true
  }

  /// The same numbers under another name and, in C order, another shape or number of samples.
  func alias(_ group: NodeGroup) throws(ModelFileError) -> Bool {
    let (node, input) = (group.last.id, group.last.inputs[0])
    if extents(of: node) == extents(of: input) {
      try setImage(try image(input), of: node)
    } else {
      setValue(
        Operand(place: try plain(input).place, layout: try Self.dense(extents(of: node))), of: node)
    }
    return true
  }
}
