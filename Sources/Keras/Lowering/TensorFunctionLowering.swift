import FileSupport
import ModelGraph

extension TensorFunction {
  /// The function as operations. Axes count the batch as 0, which no function may touch.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    guard let x = call.inputs.first else {
      throw ModelFileError(.damaged, "takes nothing", expected: "a value", found: "none")
    }
    switch kind {
    case .element(let function):
      return [try site.applyWithoutMask(ElementFunction(function), to: x)]
    case .function(let function): return try lower(function, x, call, &site)
    }
  }

  private func lower(
    _ function: Function, _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    switch function {
    case .add: return [try combine(.sum, call, &site)]
    case .subtract: return [try combine(.difference, call, &site)]
    case .multiply: return [try combine(.product, call, &site)]
    case .trueDivide, .divide: return [try combine(.quotient, call, &site)]
    case .power: return [try combine(.power, call, &site)]
    case .maximum: return [try combine(.maximum, call, &site)]
    case .minimum: return [try combine(.minimum, call, &site)]
    case .negative: return [try site.apply(Affine(scale: -1, offset: 0), to: x)]
    case .absolute:
      return [
        try site.combine(.maximum, [x, try site.apply(Affine(scale: -1, offset: 0), to: x)])
      ]
    case .floorDivide: return [try floorDivided(call, &site)]
    case .mod:
      let whole = try site.combine(
        .product, [try operands(call, &site)[1], try floorDivided(call, &site)])
      return [try site.combine(.difference, [try operands(call, &site)[0], whole])]
    case .var: return [try variance(x, call, &site)]
    case .std:
      return [
        try site.combine(.power, [try variance(x, call, &site), try number(0.5, x, &site)])
      ]
    case .logsumexp: return [try logarithmOfSum(x, call, &site)]
    case .square: return [try site.combine(.product, [x, x])]
    case .sqrt: return [try site.combine(.power, [x, try number(0.5, x, &site)])]
    case .rsqrt: return [try site.combine(.power, [x, try number(-0.5, x, &site)])]
    case .clip: return [try clipped(x, call, &site)]
    case .reciprocal: return [try site.combine(.quotient, [try number(1, x, &site), x])]
    case .convertToTensor: return [x]
    case .cast: return [try cast(x, call, &site)]
    case .equal: return [try compared(.equal, call, &site)]
    case .notEqual: return [try compared(.unequal, call, &site)]
    case .greater: return [try compared(.greater, call, &site)]
    case .greaterEqual: return [try compared(.greaterOrEqual, call, &site)]
    case .less: return [try compared(.less, call, &site)]
    case .lessEqual: return [try compared(.lessOrEqual, call, &site)]
    case .logicalAnd: return [try combine(.product, call, &site)]
    case .logicalOr: return [try combine(.maximum, call, &site)]
    case .logicalNot: return [try site.applyWithoutMask(Comparison(.equal, with: 0), to: x)]
    case .any: return [try reduced(.maximum, x, call, &site)]
    case .all: return [try reduced(.minimum, x, call, &site)]
    case .zerosLike: return [try site.applyWithoutMask(Zeros(), to: x)]
    case .onesLike: return [try site.ones(like: x)]
    case .selection:
      guard call.inputs.count == 3 else { throw Self.unfit }
      return [try site.select(call.inputs[1], where: x, otherwise: call.inputs[2])]
    case .mean: return [try reduced(.mean, x, call, &site)]
    case .sum: return [try reduced(.sum, x, call, &site)]
    case .max: return [try reduced(.maximum, x, call, &site)]
    case .min: return [try reduced(.minimum, x, call, &site)]
    case .prod: return [try reduced(.product, x, call, &site)]
    case .softmax:
      let axis = try integer("axis", call) ?? -1
      return [try site.softmax(x, axes: [try position(axis, site.shape(x).rank)])]
    case .leakyRelu:
      let slope = option("negative_slope", call)?.double ?? option("alpha", call)?.double ?? 0.2
      return [try site.apply(ModelGraph.Activation(.leakyRelu(slope: slope)), to: x)]
    case .gelu:
      let isExact = option("approximate", call)?.truth != true
      let root = (2 / Double.pi).squareRoot()
      let gelu: ActivationFunction =
        isExact ? .gelu : .geluTanh(linear: root, cubic: 0.044715 * root)
      return [try site.apply(ModelGraph.Activation(gelu), to: x)]
    case .matmul: return [try matrixProduct(call, &site)]
    case .split, .unstack: return try split(x, function, call, &site)
    case .reshape, .transpose, .expandDims, .squeeze, .concatenate, .stack, .getItem, .pad,
      .swapaxes, .flip, .repeat:
      return [try rearranged(x, function, call, &site)]
    case .elu, .celu:
      let alpha = option("alpha", call)?.double ?? 1
      let bent: ActivationFunction =
        function == .elu ? .elu(alpha: alpha) : .celu(alpha: alpha)
      return [try site.apply(ModelGraph.Activation(bent), to: x)]
    case .relu, .relu6, .sigmoid, .tanh, .exp, .selu, .silu, .softplus, .softsign,
      .hardSigmoid, .logSigmoid, .hardSilu, .hardTanh, .tanhShrink, .mish, .logSoftmax:
      let name = function == .exp ? "exponential" : function.rawValue
      return [try site.activate(x, with: KerasActivation(name))]
    }
  }

  // MARK: Arguments

  /// Something that is no value, by its name in the configuration or among the call's arguments.
  func option(_ name: String, _ call: LayerCall) -> JSONValue? {
    if let value = configuration[name] { return value == .null ? nil : value }
    return call.argument(name)?.constant
  }

  func integer(_ name: String, _ call: LayerCall) throws(ModelFileError) -> Int? {
    guard let value = option(name, call) else { return nil }
    guard let integer = value.int else {
      throw ModelFileError(.damaged, at: [.option(name)], "is no whole number")
    }
    return integer
  }

  func integers(_ name: String, _ call: LayerCall) throws(ModelFileError) -> [Int]? {
    guard let argument = option(name, call) ?? call.argument(name).map({ _ in .null }) else {
      return nil
    }
    let numbers = (argument.elements ?? [argument]).map(\.int)
    guard !numbers.contains(nil) else {
      throw ModelFileError(
        .unsupported, at: [.option(name)],
        "whole numbers that are worked out can't be computed with")
    }
    return numbers.compactMap(\.self)
  }

  /// The same of an option that TensorFlow calls otherwise than Keras.
  func integers(
    _ name: String, _ other: String, _ call: LayerCall
  ) throws(ModelFileError) -> [Int]? {
    if let found = try integers(name, call) { return found }
    return try integers(other, call)
  }

  /// The axis of a sample that Keras counts with the batch in front.
  func position(_ axis: Int, _ rank: Int) throws(ModelFileError) -> Int {
    let position = axis < 0 ? rank + axis : axis - 1
    guard axis != 0, (0..<rank).contains(position) else {
      throw ModelFileError(
        axis == 0 || position == -1 ? .unsupported : .damaged, at: [.option("axis")],
        "a function along the batch, or along an axis that is not there, can't be computed",
        found: "axis \(axis)")
    }
    return position
  }

  // MARK: Element by element

  /// The value of a number, for each sample of `x`.
  private func number(
    _ number: Double, _ x: KerasValue, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    try site.constant([Float(number)], shape: [], for: x)
  }

  private func combine(
    _ rule: Combination.Rule, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    try site.combine(rule, try operands(call, &site))
  }

  /// The two values or numbers that a function takes.
  private func operands(
    _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    let others = ["y", "x2", "b"].compactMap { call.argument($0) }
    var operands: [KerasValue] = []
    for argument in call.arguments.prefix(2) + others {
      switch argument {
      case .tensor(let reference): operands.append(try call.value(of: reference))
      case .constant(let value):
        guard let found = value.double else { throw Self.unfit }
        operands.append(try number(found, call.inputs[0], &site))
      case .list: throw Self.unfit
      }
    }
    guard operands.count == 2 else { throw Self.unfit }
    let ranks = operands.map { site.shape($0).rank }
    // With the batch counted in, values of different rank are not put under each other by their ends.
    guard ranks[0] == ranks[1] || ranks.contains(0) else {
      throw ModelFileError(
        .unsupported, "values with different numbers of axes can't be combined outside a layer")
    }
    return operands
  }

  /// `⌊x / y⌋`
  private func floorDivided(
    _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    try site.applyWithoutMask(ElementFunction(.floor), to: try combine(.quotient, call, &site))
  }

  /// The mean square of the distances from the mean.
  private func variance(
    _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let mean = try reduced(.mean, x, call, &site, keepsAxes: true)
    let apart = try site.combine(.difference, [x, mean])
    return try reduced(.mean, try site.combine(.product, [apart, apart]), call, &site)
  }

  /// `m + ln Σ e^(x − m)`, *m* being the largest.
  private func logarithmOfSum(
    _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let wide = try reduced(.maximum, x, call, &site, keepsAxes: true)
    let powers = try site.apply(
      ModelGraph.Activation(.exponential), to: try site.combine(.difference, [x, wide]))
    let sum = try reduced(.sum, powers, call, &site)
    return try site.combine(
      .sum,
      [
        try reduced(.maximum, x, call, &site),
        try site.applyWithoutMask(ElementFunction(.log), to: sum),
      ])
  }

  /// Whether the first value is larger, smaller, … than the second, as 1 or 0.
  private func compared(
    _ rule: Comparison.Rule, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    try site.applyWithoutMask(
      Comparison(rule, with: 0), to: try combine(.difference, call, &site))
  }

  /// Values are floats here whatever type they are said to have; a truth value is 1 or 0.
  private func cast(
    _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let type = option("dtype", call)?.text ?? option("DType", call)?.text ?? ""
    switch type {
    case "bool": return try site.applyWithoutMask(Comparison(.unequal, with: 0), to: x)
    case "float32", "float64": return x
    case "float16": return try site.applyWithoutMask(Rounding(to: .float16), to: x)
    case "bfloat16": return try site.applyWithoutMask(Rounding(to: .bfloat16), to: x)
    default:
      throw ModelFileError(
        .unsupported, at: [.option("dtype")], "a cast to this type can't be computed",
        expected: "a type of floats, or bool", found: "'\(type.escapedForTerminal)'")
    }
  }

  static let unfit = ModelFileError(
    .unsupported, "the function's arguments are none that can be computed with",
    expected: "two values or numbers")

  private func clipped(
    _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let bounds = [("x_min", "clip_value_min"), ("x_max", "clip_value_max")].map { name, other in
      (option(name, call) ?? option(other, call))?.double
    }
    guard let least = bounds[0], let most = bounds[1] else { throw Self.unfit }
    let raised = try site.combine(.maximum, [x, try number(least, x, &site)])
    return try site.combine(.minimum, [raised, try number(most, x, &site)])
  }

  private func reduced(
    _ rule: Reduction.Rule, _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite,
    keepsAxes: Bool? = nil
  ) throws(ModelFileError) -> KerasValue {
    guard let axes = try integers("axis", call) else {
      throw ModelFileError(
        .unsupported, at: [.option("axis")], "a function along the batch can't be computed")
    }
    let rank = site.shape(x).rank
    var positions: [Int] = []
    for axis in axes { positions.append(try position(axis, rank)) }
    let keeps = keepsAxes ?? option("keepdims", call)?.truth ?? false
    return try site.applyWithoutMask(
      Reduction(rule, axes: positions, keepsAxes: keeps), to: x)
  }

  private func matrixProduct(
    _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    guard call.inputs.count == 2, call.inputs.allSatisfy({ site.shape($0).rank >= 2 }) else {
      throw Self.unfit
    }
    let turns = ["transpose_a", "transpose_b"].map { option($0, call)?.truth ?? false }
    return KerasValue(
      try site.add(
        MatrixProduct(transposesFirst: turns[0], transposesSecond: turns[1]),
        on: call.inputs.map(\.node)))
  }
}
