import FileSupport
import ModelGraph

extension TensorFunction {
  /// The function as operations. Axes count the batch as 0, which no function may touch.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let arguments = FunctionArguments(call, configuration: isTensorFlow ? [:] : configuration)
    let values: [KerasValue]
    switch kind {
    case .element(let function):
      let x = try operand(arguments)
      values = [
        try context.applyWithoutMask(ElementFunction(function), to: x)
          .typed(function.resultType(of: x.type))
      ]
    case .function(let function):
      let type = context.elementType
      try function.requireRoom(in: type)
      values = try lower(function, arguments, &context).map { (value) in
        function.resultType(of: type).map(value.typed) ?? value
      }
    }
    try arguments.refuseRest()
    return values
  }

  private func lower(
    _ function: Function, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    switch function {
    case .add: return [try sum(arguments, &context)]
    case .subtract: return [try combine(.difference, arguments, &context)]
    case .multiply: return [try combine(.product, arguments, &context)]
    case .trueDivide, .divide: return [try combine(.quotient, arguments, &context)]
    case .power: return [try combine(.power, arguments, &context)]
    case .maximum: return [try combine(.maximum, arguments, &context)]
    case .minimum: return [try combine(.minimum, arguments, &context)]
    case .floorDivide:
      return [try floorDivided(try operands(arguments, &context), &context)]
    case .mod:
      return [try combine(.remainder, arguments, &context)]
    case .equal: return [try combine(.equal, arguments, &context)]
    case .notEqual: return [try combine(.unequal, arguments, &context)]
    case .greater: return [try combine(.greater, arguments, &context)]
    case .greaterEqual: return [try combine(.greaterOrEqual, arguments, &context)]
    case .less: return [try combine(.less, arguments, &context)]
    case .lessEqual: return [try combine(.lessOrEqual, arguments, &context)]
    case .logicalAnd: return [try context.combine(.product, try truths(arguments, &context))]
    case .logicalOr: return [try context.combine(.maximum, try truths(arguments, &context))]
    case .selection: return [try selected(arguments, &context)]
    case .matmul, .dot: return [try matrixProduct(function, arguments, &context)]
    case .concatenate, .stack: return [try joined(function, arguments, &context)]
    default: break
    }
    let x = try operand(arguments)
    switch function {
    case .negative: return [try context.applyWithoutMask(Affine(scale: -1, offset: 0), to: x)]
    case .absolute, .abs:
      let negative = try context.applyWithoutMask(Affine(scale: -1, offset: 0), to: x)
      return [try context.combine(.maximum, [x, negative])]
    case .round: return [try rounded(x, arguments, &context)]
    case .square: return [try context.combine(.product, [x, x])]
    case .clip: return [try clipped(x, arguments, &context)]
    case .reciprocal: return [try context.combine(.quotient, [try number(1, x, &context), x])]
    case .stopGradient, .copy, .identity: return [KerasValue(x.node)]
    case .convertToTensor, .cast: return [try cast(x, arguments, &context)]
    case .logicalNot: return [try context.applyWithoutMask(Comparison(.equal, with: 0), to: x)]
    case .zerosLike, .onesLike:
      // Of whatever type, the numbers are the same.
      _ = try arguments.constant("dtype")
      return [
        function == .onesLike
          ? try context.ones(like: x) : try context.applyWithoutMask(Zeros(), to: x)
      ]
    case .mean, .average, .sum, .max, .min, .amax, .amin, .prod, .any, .all, .var, .std, .logsumexp:
      return [try reduction(function, x, arguments, &context)]
    case .split, .unstack: return try split(x, function, arguments, &context)
    case .reshape, .transpose, .expandDims, .squeeze, .getItem, .pad, .swapaxes, .flip, .repeat:
      return [try rearranged(x, function, arguments, &context)]
    default: return [try activated(x, function, arguments, &context)]
    }
  }

  // MARK: Arguments

  /// The value that a function of one works on, whatever its name.
  private func operand(_ arguments: FunctionArguments) throws(ModelFileError) -> KerasValue {
    try arguments.value(
      0, "x", "input", "inputs", "a", "features", "logits", "tensor", "value", "t", "input_tensor",
      "variable", "xs")
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

  /// The value of a number, for each sample of `x`.
  func number(
    _ number: Double, _ x: KerasValue, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    try context.constant([Float(number)], shape: [], for: x)
  }

  /// An argument that is a value of the model, a number or an array of numbers.
  func operand(
    _ argument: KerasArgument?, _ name: String, _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    if case .tensor(let reference)? = argument { return try arguments.value(of: reference) }
    guard let constant = argument?.constant, let found = constant.numbers,
      let beside = arguments.anyValue
    else {
      throw LayerCall.unfit(
        name, argument ?? .constant(.null), expected: "a value of the model, or numbers")
    }
    guard !context.elementType.isUnsigned || found.values.allSatisfy({ $0 >= 0 }) else {
      throw LayerCall.unfit(
        name, argument ?? .constant(.null),
        expected: "no negative number among \(context.elementType.rawValue)")
    }
    var extents = found.extents
    // An array with as many axes as the values have, counting the batch, is the same for all samples.
    if extents.count == context.shape(beside).rank + 1, extents.first == 1 { extents.removeFirst() }
    guard extents.count <= context.shape(beside).rank || extents.isEmpty else {
      throw LayerCall.unfit(
        name, argument ?? .constant(.null),
        expected: "an array of less axes, or with 1 for the batch")
    }
    return try context.constant(
      found.values.map { Float($0) }, shape: Shape(extents), for: beside)
  }

  /// The two values or numbers that a function takes.
  private func operands(
    _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try operands(pair(arguments), arguments, &context)
  }

  private func pair(_ arguments: FunctionArguments) -> [KerasArgument?] {
    [arguments.take(0, "x1", "x", "a"), arguments.take(1, "x2", "y", "b")]
  }

  private func operands(
    _ pair: [KerasArgument?], _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let operands = try pair.enumerated().map { (index, argument) throws(ModelFileError) in
      try operand(argument, "x\(index + 1)", arguments, &context)
    }
    try checkRanks(of: operands, pair, context)
    return operands
  }

  /// With the batch counted in, values of different rank are not put under each other by their ends.
  private func checkRanks(
    of operands: [KerasValue], _ arguments: [KerasArgument?], _ context: LoweringContext
  ) throws(ModelFileError) {
    let ranks = zip(operands, arguments).compactMap { operand, argument in
      argument?.constant == nil ? context.shape(operand).rank : nil
    }
    guard Set(ranks).count <= 1 else {
      throw ModelFileError(
        .unsupported, "values with different numbers of axes can't be combined outside a layer")
    }
  }

  // MARK: Element by element

  private func combine(
    _ rule: Elementwise.Rule, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let pair = pair(arguments)
    if let value = try affine(rule, pair, arguments, &context) { return value }
    return try context.combine(rule, try operands(pair, arguments, &context))
  }

  private func sum(
    _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let pair = pair(arguments)
    if let value = try affine(.sum, pair, arguments, &context) { return value }
    let values = try operands(pair, arguments, &context)
    if pair[1]?.constant != nil {
      try context.refuseDisputedBias(
        context.shape(values[1]), on: context.shape(values[0]), option: "x2")
    } else {
      try context.refuseDisputedSum(values[0], values[1])
    }
    return try context.combine(.sum, values)
  }

  /// A value with one number for all of its own, as a `Rescaling` computes it; `nil` where there is more to it. Types other
  /// than float32 round the number first.
  private func affine(
    _ rule: Elementwise.Rule, _ pair: [KerasArgument?], _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue? {
    guard context.elementType == .float32 else { return nil }
    let input: KerasTensorReference
    let constant: JSONValue
    let isFirst: Bool
    switch (pair[0], pair[1]) {
    case (.tensor(let x), .constant(let c)): (input, constant, isFirst) = (x, c, true)
    case (.constant(let c), .tensor(let x)): (input, constant, isFirst) = (x, c, false)
    default: return nil
    }
    guard let number = constant.double.map({ Double(Float($0)) }) else { return nil }
    let function: Affine
    switch rule {
    case .sum: function = Affine(scale: 1, offset: number)
    case .product: function = Affine(scale: number, offset: 0)
    case .difference where isFirst: function = Affine(scale: 1, offset: -number)
    case .difference: function = Affine(scale: -1, offset: number)
    default: return nil
    }
    return try context.applyWithoutMask(function, to: try arguments.value(of: input))
  }

  /// `⌊x / y⌋`
  private func floorDivided(
    _ operands: [KerasValue], _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    try context.applyWithoutMask(
      ElementFunction(.floor), to: try context.combine(.quotient, operands))
  }

  /// The two values as 1 or 0: whatever is not 0 is true.
  private func truths(
    _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try operands(arguments, &context).map { (value) throws(ModelFileError) in
      try context.applyWithoutMask(Comparison(.unequal, with: 0), to: value)
    }
  }

  /// `where(condition, x, y)`
  private func selected(
    _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let given = [
      arguments.take(0, "condition"), arguments.take(1, "x1", "x"), arguments.take(2, "x2", "y"),
    ]
    let values = try given.enumerated().map { (index, argument) throws(ModelFileError) in
      try operand(argument, ["condition", "x1", "x2"][index], arguments, &context)
    }
    try checkRanks(of: values, given, context)
    return try context.select(values[1], where: values[0], otherwise: values[2])
  }

  /// Values are floats here whatever type they are said to have; a truth value is 1 or 0.
  private func cast(
    _ x: KerasValue, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    // How the numbers lie in memory; false or null, if anything.
    for name in ["sparse", "ragged"] where try arguments.truth(name) {
      throw LayerCall.unfit(name, .constant(true), expected: "false")
    }
    let given = try arguments.constant("dtype", "DType")
    // TensorFlow's are written as Python shows them: `<dtype: 'int32'>`.
    let name = given?.text.map {
      $0.hasPrefix("<dtype: '") ? String($0.dropFirst(9).dropLast(2)) : $0
    }
    let value = KerasValue(x.node, type: x.type)
    guard let given else { return value }
    guard let type = name.flatMap(ElementType.init), !type.isUnsigned else {
      throw LayerCall.unfit(
        "dtype", .constant(given), expected: "a type of floats, whole numbers, or bool")
    }
    return try context.cast(value, to: type)
  }

  /// The nearest number with so many decimals, the even one of two.
  private func rounded(
    _ x: KerasValue, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let decimals = try arguments.integer("decimals") ?? 0
    guard decimals != 0 else { return try context.applyWithoutMask(ElementFunction(.round), to: x) }
    guard abs(decimals) <= 38 else {
      throw LayerCall.unfit("decimals", .constant(JSONValue(decimals)), expected: "-38 to 38")
    }
    var power = 1.0
    for _ in 0..<abs(decimals) { power *= 10 }
    let factor = try number(decimals > 0 ? power : 1 / power, x, &context)
    let whole = try context.applyWithoutMask(
      ElementFunction(.round), to: try context.combine(.product, [x, factor]))
    return try context.combine(.quotient, [whole, factor])
  }

  private func clipped(
    _ x: KerasValue, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let least = try operand(
      arguments.take(1, "x_min", "clip_value_min"), "x_min", arguments, &context)
    let most = try operand(
      arguments.take(2, "x_max", "clip_value_max"), "x_max", arguments, &context)
    return try context.combine(.minimum, [try context.combine(.maximum, [x, least]), most])
  }
}
