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

  /// γ, β, mean, variance.
  public var parameters: [Parameter] { [scales, biases].compactMap(\.self) + [mean, variance] }
}
