import FileSupport
import Inference
import ModelGraph

extension ActivationFunction {
  /// σ′(z), computed out of `a = σ(z)` as darknet does (`activations.c: gradient`). Where two *z* have the
  /// same *a*, or σ′ is no function of *a*, this is not the derivative: `gelu` is evaluated as if *a* were
  /// *z*, `stair` is 1 except at whole *a*, `leakyStep` changes its slope where *a* passes 0 and 1.
  ///
  /// `swish`, `mish` and `hardMish` keep what they need and are not asked.
  func derivative(atOutput a: Double) -> Double {
    switch self {
    case .linear, .swish, .mish, .hardMish, .normalizedChannels, .channelSoftmax: 1
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
    }
  }

  /// `½ (1 + tanh u) + ½ x u′ (1 − tanh² u)`, `u = linear · x + cubic · x³`.
  private static func gelu(_ x: Double, _ linear: Double, _ cubic: Double) -> Double {
    let t = Formula.hyperbolicTangent(linear * x + cubic * x * x * x)
    return 0.5 * (1 + t) + 0.5 * x * (linear + 3 * cubic * x * x) * (1 - t * t)
  }

  /// σ′(z) of the functions that keep *z*: `swish`, `mish`, `hardMish`.
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
    default: return derivative(atOutput: a)
    }
  }

  /// σ of every number of a batch, or of the channels of every pixel.
  func apply(to z: BatchValues) -> [Double] {
    switch self {
    case .linear: z.numbers
    case .normalizedChannels: z.mappingPixels(Self.normalized)
    case .channelSoftmax(let subtractsMaximum):
      z.mappingPixels { Self.channelSoftmax($0, subtractsMaximum: subtractsMaximum) }
    default: Equations.activation(of: z.numbers, self)
    }
  }

  /// (P2): δ times σ′.
  func back(_ delta: [Double], output: BatchValues, input z: BatchValues) -> [Double] {
    switch self {
    case .linear: return delta
    case .swish, .mish, .hardMish:
      return delta.indices.map {
        delta[$0] * derivative(at: z.numbers[$0], output: output.numbers[$0])
      }
    case .normalizedChannels: return channelDelta(delta, output) { $0 > 0 }
    case .channelSoftmax: return channelDelta(delta, output) { _ in true }
    default: return Equations.beginningOfBackward(delta: delta, output: output.numbers, self)
    }
  }

  /// `δ_k Σ_c a_c δ_c`, summed over the channels of the pixel, where `applies` to `a_k`: darknet's rule,
  /// which is not the derivative (`activations.c: gradient_array_normalize_channels`).
  private func channelDelta(
    _ delta: [Double], _ output: BatchValues, _ applies: (Double) -> Bool
  ) -> [Double] {
    let (channels, height, width) = output.image
    let area = height * width
    var result = delta
    for sample in 0..<output.batch {
      for pixel in 0..<area {
        let first = sample * channels * area + pixel
        let places = stride(from: first, to: first + channels * area, by: area)
        let sum = places.reduce(0) { $0 + output.numbers[$1] * delta[$1] }
        for place in places where applies(output.numbers[place]) { result[place] *= sum }
      }
    }
    return result
  }
}

extension BatchValues {
  /// A function of the channels of each pixel.
  func mappingPixels(_ function: ([Double]) -> [Double]) -> [Double] {
    let (channels, height, width) = image
    let area = height * width
    var result = numbers
    for sample in 0..<batch {
      for pixel in 0..<area {
        let first = sample * channels * area + pixel
        let places = stride(from: first, to: first + channels * area, by: area)
        for (place, value) in zip(places, function(places.map { numbers[$0] })) {
          result[place] = value
        }
      }
    }
    return result
  }
}

extension Activation: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let z = inputs[0]
    return (
      function.apply(to: z),
      { step in [function.back(step.delta, output: step.output, input: z)] }
    )
  }
}
