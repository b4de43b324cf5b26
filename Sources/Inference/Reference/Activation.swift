import FileSupport
import ModelGraph

extension Activation: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    function.apply(to: node.inputs[0], node.layout, node.workers)
  }
}

extension ActivationFunction {
  /// σ of every number, or of the channels of every pixel.
  func apply<Scalar: ReferenceScalar>(
    to x: TensorOf<Scalar>, _ layout: ImageLayout, _ workers: Workers = Workers(threads: 1)
  ) -> TensorOf<Scalar> {
    if self == .linear { return x }
    if let ofPixel { return x.mappingPixels(layout, ofPixel) }
    let parts = x.shape.extents.prefix(2).reduce(1, *)
    let count = parts == 0 ? 0 : x.values.count / parts
    return TensorOf(
      shape: x.shape,
      values: workers.fill(parts: parts, of: count) { part, run in
        for index in 0..<count {
          run[index] = Scalar(scalar(Double(x.values[part * count + index])))
        }
      })
  }

  /// σ of the channels of one pixel, in double precision.
  func applied(toPixel x: [Double]) -> [Double] { ofPixel?(x) ?? x.map(scalar) }

  /// σ as a function of the channels of one pixel; `nil` if it is one of each number.
  private var ofPixel: (([Double]) -> [Double])? {
    switch self {
    case .normalizedChannels: Self.normalized
    case .channelSoftmax(let subtractsMaximum):
      { Self.channelSoftmax($0, subtractsMaximum: subtractsMaximum) }
    case .logSoftmax: Self.logSoftmax
    case .sparsemax: Self.sparsemax
    default: nil
    }
  }

  /// What keeps the sums over channels from 0.
  private static let epsilon = 1e-4

  package static func normalized(_ x: [Double]) -> [Double] {
    let positive = x.map { $0 > 0 ? $0 : 0 }
    let sum = positive.reduce(epsilon, +)
    return positive.map { $0 / sum }
  }

  package static func channelSoftmax(_ x: [Double], subtractsMaximum: Bool) -> [Double] {
    let shift = subtractsMaximum ? x.max() ?? 0 : 0
    let powers = x.map { Formula.exponential($0 - shift) }
    let sum = powers.reduce(epsilon, +)
    return powers.map { $0 / sum }
  }

  package static func logSoftmax(_ x: [Double]) -> [Double] {
    let largest = x.max() ?? 0
    let logarithm = Formula.logarithm(x.reduce(0) { $0 + Formula.exponential($1 - largest) })
    return x.map { $0 - largest - logarithm }
  }

  package static func sparsemax(_ x: [Double]) -> [Double] {
    let threshold = sparsemaxThreshold(x).threshold
    return x.map { max($0 - threshold, 0) }
  }

  /// τ of `sparsemax`, and *k*.
  package static func sparsemaxThreshold(_ x: [Double]) -> (threshold: Double, count: Int) {
    var sum = 0.0
    var total = 0.0
    var count = 0
    for (index, value) in x.sorted(by: >).enumerated() {
      sum += value
      guard value > (sum - 1) / Double(index + 1) else { break }
      total += sum
      count += 1
    }
    return ((total - 1) / Double(count), count)
  }
}

extension ActivationFunction {
  /// σ of one number. The channel functions, which one number does not determine, leave it as it is.
  package func scalar(_ x: Double) -> Double {
    switch self {
    case .linear, .normalizedChannels, .channelSoftmax, .logSoftmax, .sparsemax: x
    case .logistic: Formula.logistic(x)
    case .loggy: 2 * Formula.logistic(x) - 1
    case .tanh: Formula.hyperbolicTangent(x)
    // Written so that NaN stays NaN, as in darknet and Keras, here and below.
    case .relu(let maximum): min(x <= 0 ? 0 : x, maximum ?? .infinity)
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
    case .exponential: Formula.exponential(x)
    case .softplus: Formula.stableSoftplus(x)
    case .softsign: x / (1 + abs(x))
    case .gelu: x * Formula.normalDistribution(x)
    case .logSigmoid: -Formula.stableSoftplus(-x)
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .celu(let alpha): x > 0 ? x : alpha * Formula.exponentialLessOne(x / alpha)
    case .softShrink(let threshold):
      x > Self.single(threshold)
        ? x - Self.single(threshold)
        : x < -Self.single(threshold) ? x + Self.single(threshold) : 0
    case .hardShrink(let threshold): abs(x) > Self.single(threshold) ? x : 0
    case .tanhShrink: x - Formula.hyperbolicTangent(x)
    case .squareplus(let b): (x + (x * x + b).squareRoot()) / 2
    case .sparsePlus: x <= -1 ? 0 : x < 1 ? (x + 1) * (x + 1) / 4 : x
    case .sparseSigmoid: min(max((x + 1) / 2, 0), 1)
    case .threshold(let level, let value): x > Self.single(level) ? x : value
    case .thresholdedRelu(let threshold, let slope, let maximum):
      Self.thresholdedRelu(x, threshold: Self.single(threshold), slope: slope, maximum: maximum)
    }
  }

  /// What is left of a number in float32, which *x* is compared with.
  package static func single(_ number: Double) -> Double { Double(Float(number)) }

  private static func thresholdedRelu(
    _ x: Double, threshold: Double, slope: Double, maximum: Double?
  ) -> Double {
    if slope == 0, threshold == 0 { return min(x <= 0 ? 0 : x, maximum ?? .infinity) }
    let kept = x > threshold ? x : 0
    let cut = maximum.map { min(max(kept, 0), $0) } ?? kept
    return cut - slope * max(threshold - x, 0)
  }

  private static func leakyStep(_ t: Double, slope: Double) -> Double {
    // Nothing of infinity is not a number.
    if slope == 0 { return t < 0 ? 0 : t > 1 ? 1 : t }
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
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0].values
    let size = node.inputs[0].sampleCount / groups
    var result: [Scalar] = []
    result.reserveCapacity(x.count)
    for start in stride(from: 0, to: x.count, by: max(size, 1)) {
      let part = x[start..<(start + size)].map(Double.init)
      result += Formula.softmax(part, temperature: temperature).map(Scalar.init)
    }
    return node.result(result)
  }
}
