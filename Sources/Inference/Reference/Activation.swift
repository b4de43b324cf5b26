import FileSupport
import ModelGraph

extension Activation: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0]
    switch function {
    case .normalizedChannels:
      return context.result(acrossChannels(x, context.layout) { Self.normalized($0) })
    case .channelSoftmax(let subtractsMaximum):
      return context.result(
        acrossChannels(x, context.layout) {
          Self.channelSoftmax($0, subtractsMaximum: subtractsMaximum)
        })
    default:
      let function = function
      let parts = context.batch * (x.sample.extents.first ?? 1)
      let count = parts == 0 ? 0 : x.values.count / parts
      return context.result(
        context.workers.fill(parts: parts, of: count) { part, run in
          for index in 0..<count {
            run[index] = Float(function.scalar(Double(x.values[part * count + index])))
          }
        })
    }
  }

  /// Applies `body` to the values of all channels at each pixel.
  private func acrossChannels(
    _ x: Tensor, _ layout: ImageLayout, _ body: ([Double]) -> [Double]
  ) -> [Float] {
    let view = x.channelView(layout)
    var result = x.values
    for outer in 0..<view.outer {
      for inner in 0..<view.inner {
        let first = outer * view.channels * view.inner + inner
        let positions = (0..<view.channels).map { first + $0 * view.inner }
        for (position, value) in zip(positions, body(positions.map { Double(x.values[$0]) })) {
          result[position] = Float(value)
        }
      }
    }
    return result
  }

  /// What keeps the sums over channels from 0.
  private static let epsilon = 1e-4

  private static func normalized(_ x: [Double]) -> [Double] {
    let positive = x.map { $0 > 0 ? $0 : 0 }
    let sum = positive.reduce(epsilon, +)
    return positive.map { $0 / sum }
  }

  private static func channelSoftmax(_ x: [Double], subtractsMaximum: Bool) -> [Double] {
    let shift = subtractsMaximum ? x.max() ?? 0 : 0
    let powers = x.map { Formula.exponential($0 - shift) }
    let sum = powers.reduce(epsilon, +)
    return powers.map { $0 / sum }
  }
}

extension ActivationFunction {
  /// σ of one number. The channel functions, which one number does not determine, leave it as it is.
  func scalar(_ x: Double) -> Double {
    switch self {
    case .linear, .normalizedChannels, .channelSoftmax: x
    case .logistic: Formula.logistic(x)
    case .loggy: 2 * Formula.logistic(x) - 1
    case .tanh: Formula.hyperbolicTangent(x)
    case .relu(let maximum): min(x > 0 ? x : 0, maximum ?? .infinity)
    case .leakyRelu(let slope): x > 0 ? x : slope * x
    case .ramp(let slope): (x > 0 ? x : 0) + slope * x
    case .elu(let alpha): x >= 0 ? x : alpha * (Formula.exponential(x) - 1)
    case .scaledElu(let alpha, let scale):
      scale * (x >= 0 ? x : alpha * (Formula.exponential(x) - 1))
    case .geluTanh(let linear, let cubic):
      0.5 * x * (1 + Formula.hyperbolicTangent(linear * x + cubic * x * x * x))
    case .swish: x * Formula.logistic(x)
    case .mish: x * Formula.hyperbolicTangent(Formula.softplus(x))
    case .hardMish: x > 0 ? x : x > -2 ? x * x / 2 + x : 0
    case .hardTanh: x < -1 ? -1 : x > 1 ? 1 : x
    case .leakyStep(let scale, let offset, let slope):
      Self.leakyStep(scale * x + offset, slope: slope)
    case .stair: Self.stair(x)
    }
  }

  private static func leakyStep(_ t: Double, slope: Double) -> Double {
    if t < 0 { return slope * t }
    return t > 1 ? 1 + slope * (t - 1) : t
  }

  private static func stair(_ x: Double) -> Double {
    let n = Formula.floored(x)
    let isEven = n.truncatingRemainder(dividingBy: 2) == 0
    return isEven ? Formula.floored(x / 2) : (x - n) + Formula.floored(x / 2)
  }
}

extension Softmax: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0].values
    let size = inputs[0].sampleCount / groups
    var result: [Float] = []
    result.reserveCapacity(x.count)
    for start in stride(from: 0, to: x.count, by: max(size, 1)) {
      let part = x[start..<(start + size)].map(Double.init)
      result += Formula.softmax(part, temperature: temperature).map(Float.init)
    }
    return context.result(result)
  }
}
