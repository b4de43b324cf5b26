import FileSupport

/// Normalization of each channel by its running statistics.
public struct BatchNormalization: Operation {
  /// Where the small number that keeps the divisor from 0 stands.
  public enum Divisor: Sendable, Equatable {
    /// `√(variance + ε)`: Keras, AlexeyAB, hank-ai.
    case rootOfSum(epsilon: Double)
    /// `√variance + ε`: pjreddie's CPU code.
    case sumWithRoot(epsilon: Double)
  }

  /// The divisor.
  public let divisor: Divisor
  /// γ, `[channels]`; 1 if missing.
  public let scales: Parameter?
  /// β, `[channels]`; 0 if missing.
  public let biases: Parameter?
  /// The running mean, `[channels]`.
  public let mean: Parameter
  /// The running variance, `[channels]`.
  public let variance: Parameter
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// `y = γ · (x − mean) / divisor(variance) + β`
  public init(
    divisor: Divisor, scales: Parameter?, biases: Parameter?, mean: Parameter, variance: Parameter
  ) {
    self.divisor = divisor
    self.scales = scales
    self.biases = biases
    self.mean = mean
    self.variance = variance
  }

  /// The shape of its input, whose channels must be as many as those of each parameter.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let shape = try inputs.only()
    let channels = layout.channels(of: shape)
    for parameter in parameters where parameter.shape.elementCount != channels {
      throw ModelFileError(
        .damaged, at: [.array(parameter.array)], "doesn't fit the channels",
        expected: "[\(channels)]", found: "\(parameter.shape)")
    }
    return shape
  }

  /// γ, β, mean, variance.
  public var parameters: [Parameter] { [scales, biases].compactMap(\.self) + [mean, variance] }
}

extension BatchNormalization: LayoutFollowing {}
