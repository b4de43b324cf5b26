/// How the learning rate η changes with the number *n* of steps done: a base rate, a warm-up, a policy.
/// `Training` computes it (`Policies.swift`).
public struct LearningRateSchedule: Sendable {
  /// How η changes after the warm-up, by darknet's names.
  public enum Policy: Sendable {
    /// η₀
    case constant
    /// `η₀ · scale^⌊n / step⌋`
    case step(every: Int, scale: Double)
    /// η₀ times the scale of every boundary that *n* has reached.
    case steps([(at: Int, scale: Double)])
    /// `η₀ · gammaⁿ`
    case exponential(gamma: Double)
    /// `η₀ · (1 − n / maximum)^power`
    case polynomial(maximum: Int)
    /// `η₀ / (1 + e^(gamma · (n − step)))`
    case sigmoid(gamma: Double, step: Int)
    /// `min + (η₀ − min) / 2 · (1 + cos(π · (n − start) / cycle))`, cycles growing by `growth`.
    case warmRestarts(minimum: Double, cycle: Int, growth: Int)

  }

  /// η₀
  public let rate: Double
  /// The policy.
  public let policy: Policy
  /// Steps of the warm-up, in which `η = η₀ · (n / burnIn)^power`.
  public let burnIn: Int
  /// The exponent of the warm-up and of the polynomial policy.
  public let power: Double

  /// A schedule.
  public init(rate: Double, policy: Policy = .constant, burnIn: Int = 0, power: Double = 4) {
    self.rate = rate
    self.policy = policy
    self.burnIn = burnIn
    self.power = power
  }
}
