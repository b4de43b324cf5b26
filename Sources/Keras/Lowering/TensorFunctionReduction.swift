import FileSupport
import ModelGraph

extension TensorFunction {
  /// One number out of those along some axes.
  func reduction(
    _ function: Function, _ x: KerasValue, _ arguments: FunctionArguments,
    _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    guard let given = try arguments.integers("axis") else {
      throw ModelFileError(
        .unsupported, at: [.option("axis")], "a function along the batch can't be computed")
    }
    let rank = site.shape(x).rank
    var axes: [Int] = []
    for axis in given { axes.append(try position(axis, rank)) }
    let keeps = try arguments.truth("keepdims")
    func reduced(
      _ rule: Reduction.Rule, _ value: KerasValue, keepsAxes: Bool? = nil
    ) throws(ModelFileError) -> KerasValue {
      try site.applyWithoutMask(
        Reduction(rule, axes: axes, keepsAxes: keepsAxes ?? keeps), to: value)
    }
    switch function {
    case .sum: return try reduced(.sum, x)
    case .prod:
      try requireFloats(arguments)
      return try reduced(.product, x)
    case .max, .amax: return try bounded(.maximum, try reduced(.maximum, x), arguments, &site)
    case .min, .amin: return try bounded(.minimum, try reduced(.minimum, x), arguments, &site)
    case .any, .all:
      let truths = try site.applyWithoutMask(Comparison(.unequal, with: 0), to: x)
      return try reduced(function == .any ? .maximum : .minimum, truths)
    case .var where isTensorFlow, .std where isTensorFlow:
      return try spread(function, x, axes, keeps, &site)
    case .var, .std:
      // Keras 3 takes them in float32.
      let wide = try site.unrounded { (site) throws(ModelFileError) in
        try spread(function, x, axes, keeps, &site)
      }
      return KerasValue(try site.rounding(wide.node))
    case .logsumexp:
      // m + ln Σ e^(x − m), m being the largest, or 0 if that is no finite number.
      let largest = try reduced(.maximum, x, keepsAxes: true)
      let wide = try site.select(
        largest, where: try site.applyWithoutMask(ElementFunction(.isfinite), to: largest),
        otherwise: try site.applyWithoutMask(Zeros(), to: largest))
      let powers = try site.applyWithoutMask(
        ModelGraph.Activation(.exponential), to: try site.combine(.difference, [x, wide]))
      let logarithm = try site.applyWithoutMask(
        ElementFunction(.log), to: try reduced(.sum, powers))
      return try site.combine(
        .sum, [logarithm, try site.reshaped(wide, to: site.shape(logarithm))])
    default:
      return try site.mean(x, along: axes, keepsAxes: keeps, isTensorFlow: isTensorFlow)
    }
  }

  /// The variance, or its root.
  private func spread(
    _ function: Function, _ x: KerasValue, _ axes: [Int], _ keeps: Bool, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    func mean(_ value: KerasValue, keepsAxes: Bool) throws(ModelFileError) -> KerasValue {
      try site.mean(value, along: axes, keepsAxes: keepsAxes, isTensorFlow: false)
    }
    let apart = try site.combine(.difference, [x, try mean(x, keepsAxes: true)])
    let variance = try mean(try site.combine(.product, [apart, apart]), keepsAxes: keeps)
    guard function == .std else { return variance }
    return try site.applyWithoutMask(ElementFunction(.sqrt), to: variance)
  }

  /// The largest or smallest number, or `initial` if that is beyond it.
  private func bounded(
    _ rule: Combination.Rule, _ value: KerasValue, _ arguments: FunctionArguments,
    _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    guard let initial = arguments.take(nil, "initial"), !initial.isNull else { return value }
    return try site.combine(rule, [value, try operand(initial, "initial", arguments, &site)])
  }

  /// - Throws: `ModelFileError` of kind `unsupported` if the result is to be of another type than float32.
  private func requireFloats(_ arguments: FunctionArguments) throws(ModelFileError) {
    guard let type = try arguments.constant("dtype"), type.text != "float32" else { return }
    throw LayerCall.unfit("dtype", .constant(type), expected: "float32")
  }
}
