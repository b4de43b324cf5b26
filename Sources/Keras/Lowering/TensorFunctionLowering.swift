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
    case .square: return [try site.combine(.product, [x, x])]
    case .sqrt: return [try site.combine(.power, [x, try number(0.5, x, &site)])]
    case .rsqrt: return [try site.combine(.power, [x, try number(-0.5, x, &site)])]
    case .clip: return [try clipped(x, call, &site)]
    case .cast: return [x]
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
      let isExact = option("approximate", call)?.truth == false
      let root = (2 / Double.pi).squareRoot()
      let gelu: ActivationFunction =
        isExact ? .gelu : .geluTanh(linear: root, cubic: 0.044715 * root)
      return [try site.apply(ModelGraph.Activation(gelu), to: x)]
    case .matmul: return [try matrixProduct(call, &site)]
    case .equal: return [try compared(.equal, call, &site)]
    case .notEqual: return [try compared(.unequal, call, &site)]
    case .less: return [try compared(.less, call, &site)]
    case .lessEqual: return [try compared(.lessOrEqual, call, &site)]
    case .greater: return [try compared(.greater, call, &site)]
    case .greaterEqual: return [try compared(.greaterOrEqual, call, &site)]
    case .reshape, .transpose, .expandDims, .squeeze, .concatenate, .stack, .getItem:
      return [try rearranged(x, call, &site)]
    case .relu, .relu6, .sigmoid, .tanh, .exp, .elu, .selu, .silu, .softplus, .softsign,
      .hardSigmoid, .logSigmoid, .hardSilu, .hardTanh:
      let name = function == .exp ? "exponential" : function.rawValue
      return [try site.activate(x, with: KerasActivation(name))]
    }
  }

  // MARK: Arguments

  /// Something that is no value, by its name in the configuration or among the call's arguments.
  func option(_ name: String, _ call: LayerCall) -> JSONValue? {
    if let value = configuration[name] { return value == .null ? nil : value }
    if case .constant(let value) = call.argument(name) { return value }
    return nil
  }

  func integer(_ name: String, _ call: LayerCall) throws(ModelFileError) -> Int? {
    guard let value = option(name, call) else { return nil }
    guard let integer = value.int else {
      throw ModelFileError(.damaged, at: [.option(name)], "is no whole number")
    }
    return integer
  }

  func integers(_ name: String, _ call: LayerCall) throws(ModelFileError) -> [Int]? {
    let value: JSONValue
    if let found = option(name, call) {
      value = found
    } else if case .list(let elements) = call.argument(name) {
      value = .array(
        elements.map { if case .constant(let value) = $0 { value } else { .null } })
    } else {
      return nil
    }
    let numbers = (value.elements ?? [value]).map(\.int)
    guard !numbers.contains(nil) else {
      throw ModelFileError(
        .unsupported, at: [.option(name)], "whole numbers that are worked out can't be computed with")
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
    return try site.combine(rule, operands)
  }

  /// 1 where a value stands in a relation to a number, or to another value, whose difference then does to 0:
  /// the mask of an embedding, which Keras 3 has as a function of its own in the model.
  private func compared(
    _ rule: Comparison.Rule, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let others = ["y", "x2"].compactMap { call.argument($0) }
    guard case .constant(let value)? = (call.arguments.prefix(2) + others).last else {
      let difference = try combine(.difference, call, &site)
      return try site.applyWithoutMask(Comparison(rule, with: 0), to: difference)
    }
    guard let number = value.double, let x = call.inputs.first else { throw Self.unfit }
    return try site.applyWithoutMask(Comparison(rule, with: number), to: x)
  }

  private static let unfit = ModelFileError(
    .unsupported, "the function's arguments are none that can be computed with",
    expected: "two values or numbers")

  private func clipped(
    _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    guard let least = option("x_min", call)?.double, let most = option("x_max", call)?.double
    else { throw Self.unfit }
    let raised = try site.combine(.maximum, [x, try number(least, x, &site)])
    return try site.combine(.minimum, [raised, try number(most, x, &site)])
  }

  private func reduced(
    _ rule: Reduction.Rule, _ x: KerasValue, _ call: LayerCall, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    guard let axes = try integers("axis", call) else {
      throw ModelFileError(
        .unsupported, at: [.option("axis")], "a function along the batch can't be computed")
    }
    let rank = site.shape(x).rank
    var positions: [Int] = []
    for axis in axes { positions.append(try position(axis, rank)) }
    let keeps = option("keepdims", call)?.truth ?? false
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
