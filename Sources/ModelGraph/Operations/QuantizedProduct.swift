import FileSupport

/// A fully connected layer of whole numbers along the last axis: Keras 3's `Dense` quantized to `int8`
/// (`layers/core/dense.py: _int8_call`, `quantizers/quantizers.py: abs_max_quantize`).
///
/// Each row *x* is quantized by itself: with `s = 127 / (max |x| + 10⁻⁷)`, `q_k = x_k · s` is rounded to the
/// nearest whole number, to the even one of two, and cut to ±127. Then
/// `y_j = Σ_k w_jk q_k / (scale_j · s) (+ b_j)`. *s* and *q* are worked out in float32, as Keras does it,
/// because a number between two whole ones must fall to the same side.
public struct QuantizedProduct: Operation {
  /// *w*, `[out, in]`: whole numbers.
  public let weights: Parameter
  /// What the whole numbers of each output were multiplied by, `[out]`.
  public let scales: Parameter
  /// *b*, `[out]`.
  public let biases: Parameter?
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A product.
  public init(weights: Parameter, scales: Parameter, biases: Parameter?) {
    self.weights = weights
    self.scales = scales
    self.biases = biases
  }

  /// `[…, out]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard weights.shape.rank == 2, input.rank > 0,
      input.extents.last == weights.shape.extents[1]
    else {
      throw ModelFileError(
        .damaged, "takes rows of another number of values",
        expected: "\(weights.shape.extents.last ?? 0)", found: "\(input)")
    }
    return Shape(input.extents.dropLast() + [weights.shape.extents[0]])
  }

  /// One product for each weight and row.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.elementCount.clampedProduct(weights.shape.extents.last ?? 0)
  }

  /// *w*, the scales, then *b*.
  public var parameters: [Parameter] { [weights, scales] + [biases].compactMap(\.self) }
}
