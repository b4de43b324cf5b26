import FileSupport
import Inference
import ModelGraph

extension ActivationFunction {
  /// σ′(z), computed out of `a = σ(z)` as darknet does (`activations.c: gradient`). Where two *z* have the
  /// same *a*, or σ′ is no function of *a*, this is not the derivative: `gelu` is evaluated as if *a* were
  /// *z*, `stair` is 1 except at whole *a*, `leakyStep` changes its slope where *a* passes 0 and 1.
  ///
  /// Those that keep *z* (`keepsInput`) and the channel functions are not asked.
  func derivative(atOutput a: Double) -> Double {
    switch self {
    case .logistic: (1 - a) * a
    case .loggy: 2 * (1 - (a + 1) / 2) * ((a + 1) / 2)
    case .tanh: 1 - a * a
    case .relu(let maximum): a > 0 && a < maximum ?? .infinity ? 1 : 0
    case .leakyRelu(let slope): a > 0 ? 1 : slope
    case .ramp(let slope): (a > 0 ? 1 : 0) + slope
    case .elu(let alpha): a >= 0 ? 1 : a + alpha
    case .scaledElu(let alpha, let scale): a >= 0 ? scale : a + scale * alpha
    case .geluTanh(let linear, let cubic): Self.gelu(a, linear, cubic)
    case .hardTanh: a > -1 && a < 1 ? 1 : 0
    case .leakyStep(let scale, _, let slope): a < 0 || a > 1 ? slope * scale : scale
    case .stair: Formula.floored(a) == a ? 0 : 1
    default: 1
    }
  }

  /// Whether σ′ is computed out of *z*: for `swish`, `mish` and `hardMish`, of which darknet keeps what it
  /// needs, and for Keras's functions, which darknet does not have.
  private var keepsInput: Bool {
    switch self {
    case .swish, .mish, .hardMish, .exponential, .softplus, .softsign, .gelu, .logSigmoid,
      .hardSwish, .celu, .softShrink, .hardShrink, .tanhShrink, .squareplus, .sparsePlus,
      .sparseSigmoid, .threshold, .thresholdedRelu:
      true
    default: false
    }
  }

  /// `½ (1 + tanh u) + ½ x u′ (1 − tanh² u)`, `u = linear · x + cubic · x³`.
  private static func gelu(_ x: Double, _ linear: Double, _ cubic: Double) -> Double {
    let t = Formula.hyperbolicTangent(linear * x + cubic * x * x * x)
    return 0.5 * (1 + t) + 0.5 * x * (linear + 3 * cubic * x * x) * (1 - t * t)
  }

  /// σ′(z) of the functions that keep *z*.
  private func derivative(at z: Double, output a: Double) -> Double {
    switch self {
    case .swish:
      let s = Formula.logistic(z)
      return a + s * (1 - a)
    case .mish:
      let softplus = Formula.softplus(z)
      let t = Formula.hyperbolicTangent(softplus)
      return z * (1 - t * t) * (1 - Formula.exponential(-softplus)) + t
    case .hardMish: return z > 0 ? 1 : z > -2 ? z + 1 : 0
    case .exponential: return a
    case .softplus: return Formula.logistic(z)
    case .softsign: return 1 / ((1 + abs(z)) * (1 + abs(z)))
    case .gelu: return Formula.normalDistribution(z) + z * Formula.normalDensity(z)
    case .logSigmoid: return Formula.logistic(-z)
    case .hardSwish: return z < -3 ? 0 : z > 3 ? 1 : (2 * z + 3) / 6
    case .celu(let alpha): return z > 0 ? 1 : Formula.exponential(z / alpha)
    case .softShrink(let threshold), .hardShrink(let threshold):
      return abs(z) > Self.single(threshold) ? 1 : 0
    case .tanhShrink: return (z - a) * (z - a)
    case .squareplus(let b): return (1 + z / (z * z + b).squareRoot()) / 2
    case .sparsePlus: return z <= -1 ? 0 : z < 1 ? (z + 1) / 2 : 1
    case .sparseSigmoid: return abs(z) < 1 ? 0.5 : 0
    case .threshold(let level, _): return z > Self.single(level) ? 1 : 0
    case .thresholdedRelu(let threshold, let slope, let maximum):
      let threshold = Self.single(threshold)
      if z <= threshold { return z < threshold ? slope : 0 }
      return maximum.map { z > 0 && z < $0 } ?? true ? 1 : 0
    default: return derivative(atOutput: a)
    }
  }

  /// (P2): δ times σ′.
  func back(
    _ delta: [Double], output: TensorOf<Double>, input z: TensorOf<Double>
  ) -> [Double] {
    switch self {
    case .linear: return delta
    case .normalizedChannels: return channelDelta(delta, output) { $0 > 0 }
    case .channelSoftmax: return channelDelta(delta, output) { _ in true }
    case .logSoftmax:
      // `∂a_i/∂z_k = [i = k] − e^(a_k)`
      return output.mappingPixels(with: delta) { a, delta in
        let sum = delta.reduce(0, +)
        return zip(a, delta).map { $1 - Formula.exponential($0) * sum }
      }
    case .sparsemax: return z.mappingPixels(with: delta, Self.sparsemaxDelta)
    case _ where keepsInput:
      return delta.indices.map {
        delta[$0] * derivative(at: z.values[$0], output: output.values[$0])
      }
    default: return Equations.beginningOfBackward(delta: delta, output: output.values, self)
    }
  }

  /// With *i* the place of `z_i` among the channels from the largest down, `∂τ/∂z_i` is `(k − i + 1) / k`
  /// for the first *k* and 0 for the others.
  private static func sparsemaxDelta(_ z: [Double], _ delta: [Double]) -> [Double] {
    let (threshold, count) = sparsemaxThreshold(z)
    var result = z.indices.map { z[$0] > threshold ? delta[$0] : 0 }
    let sum = result.reduce(0, +)
    for (place, channel) in z.indices.sorted(by: { z[$0] > z[$1] }).prefix(count).enumerated() {
      result[channel] -= sum * Double(count - place) / Double(count)
    }
    return result
  }

  /// `δ_k Σ_c a_c δ_c`, summed over the channels of the pixel, where `applies` to `a_k`: darknet's rule,
  /// which is not the derivative (`activations.c: gradient_array_normalize_channels`).
  private func channelDelta(
    _ delta: [Double], _ output: TensorOf<Double>, _ applies: (Double) -> Bool
  ) -> [Double] {
    output.mappingPixels(with: delta) { a, delta in
      let sum = zip(a, delta).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(a, delta).map { applies($0) ? $1 * sum : $1 }
    }
  }
}

extension TensorOf<Double> {
  /// A function of the channels of each pixel and of the numbers of `others` in the same places.
  fileprivate func mappingPixels(
    with others: [Double], _ function: ([Double], [Double]) -> [Double]
  ) -> [Double] {
    let (channels, height, width) = image
    let area = height * width
    var result = values
    for sample in 0..<batch {
      for pixel in 0..<area {
        let first = sample * channels * area + pixel
        let places = stride(from: first, to: first + channels * area, by: area)
        let found = function(places.map { values[$0] }, places.map { others[$0] })
        for (place, value) in zip(places, found) { result[place] = value }
      }
    }
    return result
  }
}

extension Activation: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    function.departure
  }

  func back(_ step: BackwardStep) -> [[Double]?] {
    [function.back(step.delta, output: step.output, input: step.inputs[0])]
  }
}

extension ActivationFunction {
  /// Why σ′ is not the derivative, if it is not.
  fileprivate var departure: String? {
    switch self {
    case .geluTanh: "σ′ is evaluated at the output, as if it were the input"
    case .normalizedChannels, .channelSoftmax: "δ is multiplied with Σ a δ over the channels"
    default: nil
    }
  }
}
