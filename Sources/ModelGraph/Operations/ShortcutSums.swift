import FileSupport

/// A sum of values with learned factors (AlexeyAB's `[shortcut]` with `weights_type`).
///
/// `y = v₀ · x₀ + Σ vᵢ · xᵢ` of values of one shape. The factors *v* come out of the weights *w* of all
/// inputs, for every channel on its own if there are weights for each:
///
/// - rectified: `vᵢ = max(wᵢ, 0) / (1e-4 + Σⱼ max(wⱼ, 0))`
/// - softmax: `vᵢ = e^(wᵢ − m) / (1e-4 + Σⱼ e^(wⱼ − m))`, *m* being the largest weight
public struct WeightedAddition: Operation {
  /// How weights become factors.
  public enum Normalization: String, Sendable {
    /// Negative weights count as 0 (`relu`, `avg_relu`).
    case rectified
    /// `softmax`
    case softmax
  }

  /// *w*, `[inputs]` or `[inputs, channels]`.
  public let weights: Parameter
  /// How weights become factors.
  public let normalization: Normalization
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A weighted sum.
  public init(weights: Parameter, normalization: Normalization) {
    self.weights = weights
    self.normalization = normalization
  }

  /// The shape of the inputs, for each of which weights must be there.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let shape = try inputs.repeatedToEachOther()
    guard inputs.allSatisfy({ $0 == shape }) else {
      throw ModelFileError(
        .damaged, "adds values of different shape", expected: "\(shape)", found: "\(inputs)")
    }
    let expected = [inputs.count, layout.channels(of: shape)].prefix(weights.shape.rank)
    guard weights.shape.rank > 0, weights.shape.extents == Array(expected) else {
      throw ModelFileError(
        .damaged, "has weights for other inputs", expected: "\(Shape(Array(expected)))",
        found: "\(weights.shape)")
    }
    return shape
  }

  /// One product for each value and each input.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    Shape([output.elementCount, inputs.count]).elementCount
  }

  /// The weights.
  public var parameters: [Parameter] { [weights] }
}

/// The sum of two images of different extent, on the cells that they share (pjreddie's
/// `shortcut_layer.c`, `blas.c: shortcut_cpu`).
///
/// With `stride = max(w₁ / w₀, 1)` and `sample = max(w₀ / w₁, 1)`, both also those of the heights, for all
/// channels `k < min(c₀, c₁)`, rows `j < min(h₀, h₁)` and columns `i < min(w₀, w₁)`:
///
/// `y[k, j · sample, i · sample] = alpha · x₀[k, j · sample, i · sample] + beta · x₁[k, j · stride, i · stride]`
///
/// Everywhere else `y = x₀`, without `alpha`. The result has the shape of the first image.
public struct SampledAddition: Operation {
  /// The factor of the first image.
  public let alpha: Double
  /// The factor of the second.
  public let beta: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A sum on shared cells.
  public init(alpha: Double, beta: Double) {
    self.alpha = alpha
    self.beta = beta
  }

  /// The steps through the second and the first image.
  ///
  /// - Returns: `nil` if the heights ask for other steps than the widths, which darknet refuses.
  public static func steps(
    of first: [Int], and second: [Int]
  ) -> (stride: Int, sample: Int)? {
    guard first.count == 2, second.count == 2, (first + second).allSatisfy({ $0 > 0 }),
      second[0] / first[0] == second[1] / first[1], first[0] / second[0] == first[1] / second[1]
    else { return nil }
    return (max(second[1] / first[1], 1), max(first[1] / second[1], 1))
  }

  /// The shape of the first input.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard inputs.count == 2,
      Self.steps(of: layout.spatial(of: inputs[0]), and: layout.spatial(of: inputs[1])) != nil
    else {
      throw ModelFileError(
        .damaged, "adds images whose extents are no multiples of each other", found: "\(inputs)")
    }
    return inputs[0]
  }
}

extension SampledAddition: LayoutFollowing {}
