import FileSupport
import Inference
import ModelGraph

extension BatchNormalization.Divisor {
  /// The divisor's derivative by the variance.
  func slope(_ variance: Double) -> Double {
    switch self {
    case .rootOfSum(let epsilon): 0.5 / (variance + epsilon).squareRoot()
    case .sumWithRoot: 0.5 / variance.squareRoot()
    }
  }

  /// The small number.
  var epsilon: Double {
    switch self {
    case .rootOfSum(let epsilon), .sumWithRoot(let epsilon): epsilon
    }
  }
}

/// The statistics of a batch by which each channel is normalized in training, over its *N* = batch · H · W
/// numbers: `m = Σ x / N`, `v = Σ (x − m)² / (N − 1)` (`blas.c: mean_cpu, variance_cpu`).
struct BatchStatistics {
  /// *m*
  let mean: [Double]
  /// *v*
  let variance: [Double]

  /// The statistics of a value.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if a channel has only one number, whose variance
  ///   darknet divides by 0.
  init(of x: TensorOf<Double>, _ rule: NormalizationRule) throws(ModelFileError) {
    let planes = ChannelPlanes(x)
    try Self.requireSeveral(planes.count, batch: x.batch, image: x.sample)
    let mean = planes.sums { x.values[$0] }.map { $0 / Double(planes.count) }
    let freedom = Double(rule.isExact ? planes.count : planes.count - 1)
    variance = planes.sums { index, channel in
      let d = x.values[index] - mean[channel]
      return d * d
    }.map { $0 / freedom }
    self.mean = mean
  }

  /// Statistics that were found elsewhere.
  init(mean: [Double], variance: [Double]) {
    self.mean = mean
    self.variance = variance
  }

  /// Checks that a channel has more than one number.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if not.
  static func requireSeveral(_ count: Int, batch: Int, image: Shape) throws(ModelFileError) {
    guard count > 1 else {
      throw ModelFileError(
        .damaged, "batch normalization can't train on one number for each channel",
        expected: "a mini-batch of 2 samples or more, or larger images",
        found: "mini-batch \(batch), image \(image)", remedy: "raise batch in [net]")
    }
  }
}

extension BatchNormalization: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    options.normalization.isExact
      ? nil : "the variance has N − 1, and the divisor of δ another ε than the forward pass"
  }

  /// Of `x̂ = (x − m) / divisor(v)`, `y = γ x̂ + β` (`batchnorm_layer.c`): `∂β = Σ δ`, `∂γ = Σ δ x̂`; then, with
  /// `δ ← γ δ` and *e* the divisor of the rule:
  ///
  /// `δ_m = −Σ δ / √(v + ε)`, `δ_v = −½ Σ δ (x − m) (v + ε)^−3⁄2`,
  /// `δ_x = δ / e(v) + 2 δ_v (x − m) / N + δ_m / N`
  /// (`blas.c: mean_delta_cpu, variance_delta_cpu, normalize_delta_cpu`).
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let (x, rule) = (step.inputs[0], step.pass.normalization)
    let planes = ChannelPlanes(x)
    let batch = try BatchStatistics(of: x, rule)
    let sums = planes.sums { step.delta[$0] }
    let products = planes.sums { step.delta[$0] * (x.values[$0] - batch.mean[$1]) }
    let lines = learn(
      deltas: sums, products: products, variance: batch.variance, count: planes.count,
      step.parameters, rule)
    var below = step.delta
    planes.forEach { index, channel in
      let line = lines[channel]
      below[index] =
        line.delta * below[index] + line.x * (x.values[index] - batch.mean[channel]) + line.offset
    }
    return [below]
  }

  /// δ_x of a channel, a line in δ and x: `delta · δ + x · (x − m) + offset`.
  typealias DeltaLine = (delta: Double, x: Double, offset: Double)

  /// Adds to the gradients of γ and β.
  ///
  /// - Parameters:
  ///   - sums: `Σ δ` of each channel.
  ///   - products: `Σ δ (x − m)` of each.
  ///   - variance: *v*
  ///   - count: *N*
  ///   - parameters: the arrays, γ among them, and where gradients go.
  ///   - rule: how the normalization trains.
  /// - Returns: δ_x of each channel.
  func learn(
    deltas sums: [Double], products: [Double], variance: [Double], count: Int,
    _ parameters: ParameterStore, _ rule: NormalizationRule
  ) -> [DeltaLine] {
    if rule.learnsBiases { parameters.accumulate(sums, for: biases) }
    parameters.accumulate(zip(products, variance).map { $0 / divisor.value($1) }, for: scales)
    let gamma = parameters.values(of: scales) ?? sums.map { _ in 1 }
    let count = Double(count)
    return variance.enumerated().map { channel, variance in
      let divisor = (rule.isExact ? divisor : rule.deltaDivisor).value(variance)
      let shifted = variance + rule.deltaDivisor.epsilon
      let meanDelta =
        -gamma[channel] * sums[channel]
        / (rule.isExact ? divisor : shifted.squareRoot())
      let varianceDelta =
        -gamma[channel] * products[channel]
        * (rule.isExact
          ? self.divisor.slope(variance) / (divisor * divisor)
          : 0.5 * Formula.power(shifted, -1.5))
      return (gamma[channel] / divisor, 2 * varianceDelta / count, meanDelta / count)
    }
  }
}

/// The places of a batch that belong to each channel.
struct ChannelPlanes {
  private let batch: Int
  private let channels: Int
  private let area: Int

  init(_ values: TensorOf<Double>) {
    let image = values.image
    batch = values.batch
    channels = image.channels
    area = image.height * image.width
  }

  /// Numbers of one channel.
  var count: Int { batch * area }

  /// Calls `body` for every place with its channel.
  func forEach(_ body: (_ index: Int, _ channel: Int) -> Void) {
    for sample in 0..<batch {
      for channel in 0..<channels {
        let first = (sample * channels + channel) * area
        for index in first..<(first + area) { body(index, channel) }
      }
    }
  }

  /// A sum for each channel.
  func sums(_ term: (_ index: Int, _ channel: Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    forEach { sums[$1] += term($0, $1) }
    return sums
  }

  /// A sum for each channel.
  func sums(_ term: (_ index: Int) -> Double) -> [Double] { sums { index, _ in term(index) } }
}
