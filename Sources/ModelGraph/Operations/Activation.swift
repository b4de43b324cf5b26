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
  ///
  /// Without a slope it is `hard_sigmoid`: of tf_keras with a scale of 0.2 and an offset of 0.5, of Keras 3
  /// with 1/6 and 0.5. Both are met to within half a unit in the last place of float32, as *t* is computed in
  /// double precision.
  case leakyStep(scale: Double, offset: Double, slope: Double)
  /// Half steps: `n = ⌊x⌋`; `⌊x/2⌋` for even *n*, `(x − n) + ⌊x/2⌋` for odd.
  case stair
  /// `max(x, 0) / (1e-4 + Σ over channels of max(x, 0))`
  case normalizedChannels
  /// `eˣ / (1e-4 + Σ over channels of eˣ)`, *x* less the largest channel if `subtractsMaximum`.
  case channelSoftmax(subtractsMaximum: Bool)

  // Keras's functions (`keras/src/activations/activations.py`, `backend/tensorflow/nn.py`). Numbers that *x* is
  // compared with are rounded to float32 first, as Keras rounds them.

  /// `eˣ`
  case exponential
  /// `ln(1 + eˣ)`
  case softplus
  /// `x / (1 + |x|)`
  case softsign
  /// `x · Φ(x)`, Φ being the normal distribution: `x/2 · (1 + erf(x / √2))`
  case gelu
  /// `−ln(1 + e⁻ˣ)`
  case logSigmoid
  /// `x · min(max(x + 3, 0), 6) / 6`
  case hardSwish
  /// `x` if positive, else `alpha · (e^(x / alpha) − 1)`
  case celu(alpha: Double)
  /// `x` moved toward 0 by `threshold`, and 0 where it is not further from it.
  case softShrink(threshold: Double)
  /// `x` where `|x|` is above `threshold`, else 0.
  case hardShrink(threshold: Double)
  /// `x − tanh x`
  case tanhShrink
  /// `(x + √(x² + b)) / 2`
  case squareplus(b: Double)
  /// 0 up to −1; `(x + 1)² / 4` up to 1; `x` above.
  case sparsePlus
  /// `(x + 1) / 2` cut to 0…1
  case sparseSigmoid
  /// `x` above `level`, else `value`; tf_keras's `ThresholdedReLU` with a value of 0.
  case threshold(level: Double, value: Double)
  /// Keras's `ReLU` layer: `x` above `threshold`, else 0, cut to 0…`maximum` if there is one, less
  /// `slope · max(threshold − x, 0)`.
  ///
  /// At the threshold itself it is 0, in Keras 3 as in tf_keras, though their documentation says `x`.
  case thresholdedRelu(threshold: Double, slope: Double, maximum: Double?)
  /// `x − ln Σ over channels of eˣ`
  case logSoftmax
  /// `max(x − τ, 0)` with `τ = (Σ_{j ≤ k} c_j − 1) / k`: *c_j* is the sum of the *j* largest channels
  /// `x_1 ≥ x_2 ≥ …`, and *k* the number of them with `x_j > (c_j − 1) / j`.
  ///
  /// This is what Keras 3.15 computes. The function of that name has `(c_k − 1) / k`, which is the same only
  /// where *k* is 1.
  case sparsemax
}

/// `a = σ(z)`, element by element (or, for the channel functions, pixel by pixel).
public struct Activation: Operation {
  /// σ
  public let function: ActivationFunction
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation {
    function.slope.map { .function(slope: $0) } ?? .relative
  }

  /// An activation.
  public init(_ function: ActivationFunction) { self.function = function }
}

/// `eˣ / Σ eˣ` of `x / temperature`, taken over each of `groups` equal parts of a flat value.
public struct Softmax: Operation {
  /// The number of parts.
  public let groups: Int
  /// What *x* is divided by.
  public let temperature: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation {
    .function(slope: 0.5 / max(temperature, .leastNormalMagnitude))
  }

  /// A softmax.
  public init(groups: Int, temperature: Double) {
    self.groups = groups
    self.temperature = temperature
  }
}

extension ActivationFunction {
  /// The largest slope, rounded up; `nil` if there is none.
  var slope: Double? {
    switch self {
    case .logistic: 0.25
    case .loggy: 0.5
    case .scaledElu(let alpha, let scale): scale * max(alpha, 1)
    case .elu(let alpha): max(alpha, 1)
    case .ramp(let slope): 1 + max(slope, 0)
    case .leakyRelu(let slope): max(abs(slope), 1)
    case .leakyStep(let scale, _, let slope): abs(scale) * max(abs(slope), 1)
    case .geluTanh, .swish, .mish, .gelu: 1.15
    case .linear, .tanh, .relu, .hardMish, .hardTanh, .stair, .softplus, .softsign, .logSigmoid,
      .celu, .softShrink, .hardShrink, .tanhShrink, .squareplus, .sparsePlus, .threshold,
      .sparsemax:
      1
    case .hardSwish: 1.5
    case .sparseSigmoid: 0.5
    case .thresholdedRelu(_, let slope, _): max(abs(slope), 1)
    case .logSoftmax: 2
    case .normalizedChannels, .exponential: nil
    case .channelSoftmax: 0.5
    }
  }
}

extension Activation {
  /// By the plainest name of its function.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    let plain = function.simplified
    return SimplestForm(Activation(plain), unless: plain == .linear)
  }
}

extension ActivationFunction {
  /// The plainest name of the same function.
  package var simplified: ActivationFunction {
    switch self {
    case .thresholdedRelu(let threshold, let slope, let maximum) where threshold == 0:
      if maximum == nil { return ActivationFunction.leakyRelu(slope: slope).simplified }
      return slope == 0 ? .relu(maximum: maximum) : self
    case .leakyRelu(let slope) where slope == 0: return .relu(maximum: nil)
    case .leakyRelu(let slope) where slope == 1: return .linear
    case .scaledElu(let alpha, let scale) where scale == 1: return .elu(alpha: alpha)
    case .ramp(let slope) where slope == 0: return .relu(maximum: nil)
    case .threshold(let level, let value) where level == 0 && value == 0:
      return .relu(maximum: nil)
    default: return self
    }
  }
}

extension Activation: LayoutFollowing {}

extension Softmax: OrderFollowing {}
