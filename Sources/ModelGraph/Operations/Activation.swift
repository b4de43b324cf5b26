/// The functions σ that layers apply to each element, by their formulas. Formats name the same
/// formula differently (darknet's `gelu` is the tanh form), so the constants are part of the case.
public enum ActivationFunction: Sendable, Hashable {
  /// `x`
  case linear
  /// `1 / (1 + e⁻ˣ)`
  case logistic
  /// `2 / (1 + e⁻ˣ) − 1`
  case loggy
  /// `tanh x`
  case tanh
  /// `max(x, 0)`, cut at `maximum` if there is one.
  case relu(maximum: Double?)
  /// `x` if positive, else `slope · x`
  case leakyRelu(slope: Double)
  /// `max(x, 0) + slope · x`
  case ramp(slope: Double)
  /// `x` if not negative, else `alpha · (eˣ − 1)`
  case elu(alpha: Double)
  /// `scale · elu(x)`
  case scaledElu(alpha: Double, scale: Double)
  /// `x/2 · (1 + tanh(linear · x + cubic · x³))`
  case geluTanh(linear: Double, cubic: Double)
  /// `x · σ(x)`
  case swish
  /// `x · tanh(ln(1 + eˣ))`
  case mish
  /// `x` if positive; `x²/2 + x` down to −2; 0 below.
  case hardMish
  /// `x` cut to −1…1
  case hardTanh
  /// `t = scale · x + offset`; inside 0…1 it is *t*, outside it goes on with `slope`.
  case leakyStep(scale: Double, offset: Double, slope: Double)
  /// Half steps: `n = ⌊x⌋`; `⌊x/2⌋` for even *n*, `(x − n) + ⌊x/2⌋` for odd.
  case stair
  /// `max(x, 0) / (1e-4 + Σ over channels of max(x, 0))`
  case normalizedChannels
  /// `eˣ / (1e-4 + Σ over channels of eˣ)`, *x* less the largest channel if `subtractsMaximum`.
  case channelSoftmax(subtractsMaximum: Bool)
}

/// `a = σ(z)`, element by element (or, for the channel functions, pixel by pixel).
public struct Activation: Operation {
  /// σ
  public let function: ActivationFunction

  /// An activation.
  public init(_ function: ActivationFunction) { self.function = function }
}

/// `eˣ / Σ eˣ` of `x / temperature`, taken over each of `groups` equal parts of a flat value.
public struct Softmax: Operation {
  /// The number of parts.
  public let groups: Int
  /// What *x* is divided by.
  public let temperature: Double

  /// A softmax.
  public init(groups: Int, temperature: Double) {
    self.groups = groups
    self.temperature = temperature
  }
}
