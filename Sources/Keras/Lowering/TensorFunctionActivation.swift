import FileSupport
import ModelGraph

extension TensorFunction {
  /// The functions that layers end with, called outside any.
  func activated(
    _ x: KerasValue, _ function: Function, _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let value = KerasValue(x.node)
    switch function {
    case .softmax:
      return try context.softmax(value, axes: try axes(of: value, arguments, context))
    case .logSoftmax, .sparsemax:
      return try alongLast(value, try axes(of: value, arguments, context), &context) {
        (value, context) throws(ModelFileError) in
        try context.activate(value, with: KerasActivation(function.rawValue))
      }
    case .glu:
      return try alongLast(value, try axes(of: value, arguments, context), &context) {
        (value, context) throws(ModelFileError) in
        try context.activate(value, with: KerasActivation("glu"))
      }
    case .silu:
      let beta = try arguments.number("beta", default: 1)
      guard beta != 1 else { return try context.activate(value, with: KerasActivation("silu")) }
      let scaled = try context.apply(Affine(scale: beta, offset: 0), to: value)
      let gate = try context.apply(ModelGraph.Activation(.logistic), to: scaled)
      return try context.combine(.product, [value, gate])
    default:
      guard let bent = try formula(of: function, arguments) else {
        let name = function == .exp ? "exponential" : function.rawValue
        return try context.activate(value, with: KerasActivation(name))
      }
      return try context.apply(ModelGraph.Activation(bent), to: value)
    }
  }

  /// The formula of a function with constants among its arguments.
  private func formula(
    of function: Function, _ arguments: FunctionArguments
  ) throws(ModelFileError) -> ActivationFunction? {
    switch function {
    case .leakyRelu:
      return .leakyRelu(
        slope: try arguments.number("negative_slope", "alpha", default: Self.leakySlope))
    case .gelu:
      // Keras's own is an approximation if nothing is said, TensorFlow's is not.
      guard try arguments.truth("approximate", default: !isTensorFlow) else { return .gelu }
      let root = (2 / Double.pi).squareRoot()
      return .geluTanh(linear: root, cubic: 0.044715 * root)
    case .elu: return .elu(alpha: try arguments.number("alpha", default: 1))
    case .celu: return .celu(alpha: try arguments.number("alpha", default: 1))
    case .hardShrink:
      return .hardShrink(threshold: try arguments.number("threshold", default: 0.5))
    case .softShrink:
      return .softShrink(threshold: try arguments.number("threshold", default: 0.5))
    case .squareplus: return .squareplus(b: try arguments.number("b", default: 4))
    case .threshold:
      guard let level = try arguments.constant("threshold")?.number,
        let value = try arguments.constant("default_value")?.number
      else {
        throw LayerCall.unfit("threshold", .constant(.null), expected: "two numbers")
      }
      return .threshold(level: level, value: value)
    default: return nil
    }
  }

  /// The axes along which a function goes, from 0 behind the batch; the last one if nothing is said.
  private func axes(
    of value: KerasValue, _ arguments: FunctionArguments, _ context: LoweringContext
  ) throws(ModelFileError) -> [Int] {
    let rank = context.shape(value).rank
    let given = arguments.take(nil, "axis")
    // For TensorFlow `None` is the last axis, for Keras all with the batch among them.
    guard let given, !(given.isNull && isTensorFlow) else { return [try position(-1, rank)] }
    guard let numbers = given.constant.map({ ($0.elements ?? [$0]).map(\.int) }),
      !numbers.contains(nil)
    else {
      throw LayerCall.unfit("axis", given, expected: "an axis or several but for the batch")
    }
    return try numbers.compactMap(\.self).map { (axis) throws(ModelFileError) in
      try position(axis, rank)
    }
  }

  /// A function that goes along the last axis, along another one.
  private func alongLast(
    _ value: KerasValue, _ axes: [Int], _ context: inout LoweringContext,
    _ body: (KerasValue, inout LoweringContext) throws(ModelFileError) -> KerasValue
  ) throws(ModelFileError) -> KerasValue {
    let rank = context.shape(value).rank
    guard axes.count == 1 else {
      throw LayerCall.unfit("axis", .constant(JSONValue(axes)), expected: "one axis")
    }
    guard axes[0] != rank - 1 else { return try body(value, &context) }
    var order = Array(0..<rank)
    order.swapAt(axes[0], rank - 1)
    let turned = try context.applyWithoutMask(Transposition(order: order), to: value)
    return try context.applyWithoutMask(
      Transposition(order: order), to: try body(turned, &context))
  }
}
