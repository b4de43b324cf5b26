import FileSupport
import ModelGraph

extension LoweringContext {
  /// A value in another type: rounded to one of 16 bits, without its fraction, or as 1 and 0.
  mutating func cast(
    _ value: KerasValue, to type: ElementType
  ) throws(ModelFileError) -> KerasValue {
    let outer = elementType
    elementType = type
    defer { elementType = outer }
    var node = value.node
    if type == .bool, value.type != .bool {
      node = try add(Comparison(.unequal, with: 0), on: [node])
    } else if !type.isFloating, value.type.isFloating {
      node = try add(ElementFunction(.trunc), on: [node])
    } else {
      node = try rounding(node)
    }
    return KerasValue(node, mask: value.mask, type: type)
  }

  /// Adds operations whose values no policy rounds.
  mutating func unrounded<Result>(
    _ body: (inout LoweringContext) throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    let outer = elementType
    elementType = .float32
    defer { elementType = outer }
    return try body(&self)
  }

  /// Computes in the type of a layer inside this one from now on, as wrappers of Keras 2 do, whose values are that
  /// layer's. In Keras 3 it depends on both layers' types and on the scope around which of them counts
  /// (`layer.py: __call__`, `time_distributed.py: step_function`).
  ///
  /// - Returns: the inputs in that type.
  /// - Throws: `ModelFileError` of kind `unsupported` if it is another type, and the model one of Keras 3.
  mutating func compute(
    in policy: KerasPolicy, of inner: any KerasLayerClass, on inputs: [KerasValue]
  ) throws(ModelFileError) -> [KerasValue] {
    if generation == .third { try requireSameType(policy, of: inner) }
    elementType = try policy.elementType(of: inner)
    guard elementType.isHalf else { return inputs }
    return try inputs.map { (input) throws(ModelFileError) in
      input.type.isFloating ? try cast(input, to: elementType) : input
    }
  }

  /// Refuses a layer inside this one that computes in another type.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported`.
  func requireSameType(_ policy: KerasPolicy, of inner: any KerasLayerClass) throws(ModelFileError)
  {
    let type = try policy.elementType(of: inner)
    guard type.isHalf || elementType.isHalf, type != elementType else { return }
    throw ModelFileError(
      .unsupported, at: [.option("dtype")],
      "a layer inside of another one that computes in another type is not supported",
      expected: elementType.rawValue, found: type.rawValue)
  }

  /// The mean along some axes, of whole numbers as TensorFlow divides them: the fraction is left away.
  ///
  /// - Parameter isTensorFlow: whether TensorFlow's own function takes the mean; that of Keras 3 gives fractions.
  mutating func mean(
    _ value: KerasValue, along axes: [Int], keepsAxes: Bool, isTensorFlow: Bool
  ) throws(ModelFileError) -> KerasValue {
    guard isTensorFlow, !value.type.isFloating else {
      return try applyWithoutMask(Reduce(.mean, axes: axes, keepsAxes: keepsAxes), to: value)
    }
    let extents = shape(value).extents
    let count = axes.reduce(1) { $0 * extents[$1] }
    let sum = try applyWithoutMask(Reduce(.sum, axes: axes, keepsAxes: keepsAxes), to: value)
    let quotient = try combine(
      .quotient, [sum, try constant([Float(count)], shape: [], for: value)])
    return try applyWithoutMask(ElementFunction(.trunc), to: quotient).typed(value.type)
  }
}
