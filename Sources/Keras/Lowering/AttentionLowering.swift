import FileSupport
import ModelGraph

extension LoweringSite {
  /// The product of each row with a matrix, and an offset.
  ///
  /// - Parameters:
  ///   - value: `[T, in]`.
  ///   - kernel: as Keras has it, `[in, out]`.
  ///   - bias: `[out]`, if there is one.
  mutating func rowProduct(
    _ value: KerasValue, _ kernel: Parameter, _ bias: Parameter?
  ) throws(ModelFileError) -> KerasValue {
    let weights = kernel.permuted([1, 0])
    let window = Window(size: [1], strides: [1], padding: [Padding.none])
    return try applyWithoutMask(
      Convolution(
        window: window, groups: 1,
        weights: weights.reshaped(to: Shape(weights.shape.extents + [1])),
        biases: bias), to: value)
  }

  /// The softmax of scores along the last axis, of those that the mask leaves in.
  mutating func attentionWeights(
    _ scores: KerasValue, where mask: KerasValue?
  ) throws(ModelFileError) -> KerasValue {
    let left = try mask.map { (mask) throws(ModelFileError) in try excluding(scores, where: mask) }
    return try softmax(left ?? scores, axes: [shape(scores).rank - 1])
  }

  /// Numbers that a softmax is taken of, with −10⁹ where the mask is 0: as good as nothing, or, where all
  /// of them are, the same for all.
  mutating func excluding(
    _ scores: KerasValue, where mask: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    let kept = try combine(.product, [scores, mask])
    // Under a policy of 16 bits the largest number that there is has to do.
    let least = computeType == .float16 ? 65504.0 : 1e9
    let shift = try apply(Affine(scale: least, offset: -least), to: mask)
    return try combine(.sum, [kept, shift])
  }

  /// A mask by which no step sees later ones, `[queries, keys]`.
  mutating func causalMask(
    queries: Int, keys: Int, for value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    try fixedMask(queries: queries, keys: keys, for: value) { row, column in row >= column }
  }

  /// A mask that is the same for all samples, `[queries, keys]`.
  mutating func fixedMask(
    queries: Int, keys: Int, for value: KerasValue, _ sees: (Int, Int) -> Bool
  ) throws(ModelFileError) -> KerasValue {
    guard queries.clampedProduct(keys) <= 1 << 26 else {
      throw ModelFileError(
        .damaged, "the mask of an attention is larger than any memory",
        found: "\(queries) × \(keys)")
    }
    var numbers: [Float] = []
    numbers.reserveCapacity(queries * keys)
    for row in 0..<queries {
      for column in 0..<keys { numbers.append(sees(row, column) ? 1 : 0) }
    }
    return try constant(numbers, shape: [queries, keys], for: value)
  }
}
