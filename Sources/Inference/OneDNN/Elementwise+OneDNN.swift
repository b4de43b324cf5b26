import COneDNN
import FileSupport
import ModelGraph

extension Elementwise: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    // More of them would be rounded after each.
    guard let rule = rule.inC, group.head.inputs.count == 2 else { return false }
    let inputs = group.head.inputs
    let shapes = inputs.map { builder.graph.nodes[$0].shape }
    if shapes.allSatisfy({ $0 == group.head.shape }) {
      return try builder.combine(rule, inputs, into: group.head.id)
    }
    return try builder.combineRepeating(rule, inputs, into: group.head)
  }
}

extension SampledAddition: OneDNNKernel {
  /// Of images of one size it is a sum.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    guard alpha == 1, beta == 1,
      group.head.inputs.allSatisfy({ builder.graph.nodes[$0].shape == group.head.shape })
    else { return false }
    return try builder.combine(onednn_binary_add, group.head.inputs, into: group.head.id)
  }
}

extension Elementwise.Rule {
  /// The rule as oneDNN has it. Its maximum and minimum lose NaN, and its quotient is left to the reference engine
  /// with them.
  fileprivate var inC: onednn_binary? {
    switch self {
    case .sum: onednn_binary_add
    case .product: onednn_binary_multiply
    case .difference: onednn_binary_subtract
    default: nil
    }
  }
}

extension PlanBuilder {
  /// Combines two values of one shape in the order in which the first lies.
  fileprivate func combine(
    _ rule: onednn_binary, _ inputs: [Int], into node: Int
  ) throws(ModelFileError) -> Bool {
    let first = try image(inputs[0])
    guard
      let primitive = Primitive.combination(
        rule, first.layout, first.layout, destination: first.layout)
    else { return false }
    let second = try image(inputs[1], in: first.layout)
    let target = newBuffer(first.layout)
    add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: first),
        PrimitiveArgument(name: onednn_second_source, operand: second),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    try setImage(target, of: node)
    return true
  }

  /// Combines two values in C order, of which the second is repeated along axes of extent 1.
  fileprivate func combineRepeating(
    _ rule: onednn_binary, _ inputs: [Int], into node: Node
  ) throws(ModelFileError) -> Bool {
    let commutes = rule == onednn_binary_add || rule == onednn_binary_multiply
    let isFirstWhole = graph.nodes[inputs[0]].shape == node.shape
    guard isFirstWhole || (commutes && graph.nodes[inputs[1]].shape == node.shape) else {
      return false
    }
    let (whole, part) = isFirstWhole ? (inputs[0], inputs[1]) : (inputs[1], inputs[0])
    let missing = node.shape.rank - graph.nodes[part].shape.rank
    let repeated =
      [samples(of: graph.nodes[part])] + [Int](repeating: 1, count: missing)
      + graph.nodes[part].shape.extents
    let (first, second) = (try plain(whole), try plain(part))
    guard let layout = TensorLayout.strided(repeated),
      let primitive = Primitive.combination(
        rule, first.layout, layout, destination: first.layout)
    else { return false }
    let target = newBuffer(first.layout)
    add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: first),
        PrimitiveArgument(
          name: onednn_second_source, operand: Operand(place: second.place, layout: layout)),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    setValue(target, of: node.id)
    return true
  }
}
