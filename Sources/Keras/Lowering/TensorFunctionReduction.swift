import FileSupport
import ModelGraph

extension TensorFunction {
  /// One number out of those along some axes.
  func reduction(
    _ function: Function, _ x: KerasValue, _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    guard let given = try arguments.integers("axis") else {
      throw ModelFileError(
        .unsupported, at: [.option("axis")], "a function along the batch can't be computed")
    }
    let rank = context.shape(x).rank
    var axes: [Int] = []
    for axis in given { axes.append(try position(axis, rank)) }
    let keeps = try arguments.truth("keepdims")
    func reduced(
      _ rule: Reduce.Rule, _ value: KerasValue, keepsAxes: Bool? = nil
    ) throws(ModelFileError) -> KerasValue {
      try context.applyWithoutMask(
        Reduce(rule, axes: axes, keepsAxes: keepsAxes ?? keeps), to: value)
    }
    switch function {
    case .sum: return try reduced(.sum, x)
    case .prod:
      try requireFloats(arguments)
      return try reduced(.product, x)
    case .max, .amax: return try bounded(.maximum, try reduced(.maximum, x), arguments, &context)
    case .min, .amin: return try bounded(.minimum, try reduced(.minimum, x), arguments, &context)
    case .any, .all:
      let truths = try context.applyWithoutMask(Comparison(.unequal, with: 0), to: x)
      return try reduced(function == .any ? .maximum : .minimum, truths)
    case .var where isTensorFlow, .std where isTensorFlow:
      return try spread(function, x, axes, keeps, &context)
    case .var, .std:
      // Keras 3 takes them in float32.
      let wide = try context.unrounded { (context) throws(ModelFileError) in
        try spread(function, x, axes, keeps, &context)
      }
      return KerasValue(try context.rounding(wide.node))
    case .logsumexp:
      // m + ln Σ e^(x − m), m being the largest, or 0 if that is no finite number.
      let largest = try reduced(.maximum, x, keepsAxes: true)
      let wide = try context.select(
        largest, where: try context.applyWithoutMask(ElementFunction(.isfinite), to: largest),
        otherwise: try context.applyWithoutMask(Zeros(), to: largest))
      let powers = try context.applyWithoutMask(
        ModelGraph.Activation(.exponential), to: try context.combine(.difference, [x, wide]))
      let logarithm = try context.applyWithoutMask(
        ElementFunction(.log), to: try reduced(.sum, powers))
      return try context.combine(
        .sum, [logarithm, try context.reshaped(wide, to: context.shape(logarithm))])
    default:
      return try context.mean(x, along: axes, keepsAxes: keeps, isTensorFlow: isTensorFlow)
    }
  }

  /// The variance, or its root.
  private func spread(
    _ function: Function, _ x: KerasValue, _ axes: [Int], _ keeps: Bool,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    func mean(_ value: KerasValue, keepsAxes: Bool) throws(ModelFileError) -> KerasValue {
      try context.mean(value, along: axes, keepsAxes: keepsAxes, isTensorFlow: false)
    }
    let apart = try context.combine(.difference, [x, try mean(x, keepsAxes: true)])
    let variance = try mean(try context.combine(.product, [apart, apart]), keepsAxes: keeps)
    guard function == .std else { return variance }
    return try context.applyWithoutMask(ElementFunction(.sqrt), to: variance)
  }

  /// The largest or smallest number, or `initial` if that is beyond it.
  private func bounded(
    _ rule: Elementwise.Rule, _ value: KerasValue, _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    guard let initial = arguments.take(nil, "initial"), !initial.isNull else { return value }
    return try context.combine(rule, [value, try operand(initial, "initial", arguments, &context)])
  }

  /// - Throws: `ModelFileError` of kind `unsupported` if the result is to be of another type than float32.
  private func requireFloats(_ arguments: FunctionArguments) throws(ModelFileError) {
    guard let type = try arguments.constant("dtype"), type.text != "float32" else { return }
    throw LayerCall.unfit("dtype", .constant(type), expected: "float32")
  }
}
