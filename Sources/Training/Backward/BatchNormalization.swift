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

extension BatchNormalization: BackwardKernel {
  /// With the statistics of the batch (`batchnorm_layer.c`, `blas.c: mean_cpu, variance_cpu`), over the
  /// *N* = batch · H · W numbers of a channel:
  ///
  /// `m = Σ x / N`, `v = Σ (x − m)² / (N − 1)`, `x̂ = (x − m) / divisor(v)`, `y = γ x̂ + β`
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    try forward(inputs[0], pass, pass.normalization)
  }

  /// The same with a rule.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if a channel has only one number, whose variance
  ///   darknet divides by 0.
  func forward(
    _ x: BatchValues, _ pass: ForwardPass, _ rule: NormalizationRule
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let planes = ChannelPlanes(x)
    guard planes.count > 1 else {
      throw ModelFileError(
        .damaged, "batch normalization can't train on one number for each channel",
        expected: "a mini-batch of 2 samples or more, or larger images",
        found: "mini-batch \(x.batch), image \(x.sample)", remedy: "raise batch in [net]")
    }
    let batchMean = planes.sums { x.numbers[$0] }.map { $0 / Double(planes.count) }
    let freedom = Double(rule.isExact ? planes.count : planes.count - 1)
    let batchVariance = planes.sums { index, channel in
      let d = x.numbers[index] - batchMean[channel]
      return d * d
    }.map { $0 / freedom }
    pass.parameters.follow(batchMean, with: mean, retention: rule.retention)
    pass.parameters.follow(batchVariance, with: variance, retention: rule.retention)
    let divisors = batchVariance.map(divisor.value)
    var normalized = x.numbers
    planes.forEach { normalized[$0] = (normalized[$0] - batchMean[$1]) / divisors[$1] }
    let gamma = pass.parameters.values(of: scales)
    let beta = pass.parameters.values(of: biases)
    var result = normalized
    planes.forEach { result[$0] = result[$0] * (gamma?[$1] ?? 1) + (beta?[$1] ?? 0) }
    let kept = Kept(
      x: x, planes: planes, mean: batchMean, variance: batchVariance, normalized: normalized,
      gamma: gamma)
    return (result, { step in [back(step, kept, rule)] })
  }

  /// What the backward step needs of the forward one.
  private struct Kept {
    let x: BatchValues
    let planes: ChannelPlanes
    let mean: [Double]
    let variance: [Double]
    let normalized: [Double]
    let gamma: [Double]?
  }

  /// `∂β = Σ δ`, `∂γ = Σ δ x̂`; then, with `δ ← γ δ` and *e* the divisor of the rule:
  ///
  /// `δ_m = −Σ δ / √(v + ε)`, `δ_v = −½ Σ δ (x − m) (v + ε)^−3⁄2`,
  /// `δ_x = δ / e(v) + 2 δ_v (x − m) / N + δ_m / N`
  /// (`blas.c: mean_delta_cpu, variance_delta_cpu, normalize_delta_cpu`).
  private func back(_ step: BackwardStep, _ kept: Kept, _ rule: NormalizationRule) -> [Double] {
    let planes = kept.planes
    if rule.learnsBiases {
      step.parameters.accumulate(planes.sums { step.delta[$0] }, for: biases)
    }
    step.parameters.accumulate(
      planes.sums { index, _ in step.delta[index] * kept.normalized[index] }, for: scales)
    var delta = step.delta
    if let gamma = kept.gamma { planes.forEach { delta[$0] *= gamma[$1] } }
    let count = Double(planes.count)
    let sums = planes.sums { delta[$0] }
    let products = planes.sums { delta[$0] * (kept.x.numbers[$0] - kept.mean[$1]) }
    let epsilon = rule.deltaDivisor.epsilon
    let exact = rule.isExact
    let divisors = kept.variance.map { (exact ? divisor : rule.deltaDivisor).value($0) }
    let meanDelta = kept.variance.indices.map {
      -sums[$0] / (exact ? divisors[$0] : (kept.variance[$0] + epsilon).squareRoot())
    }
    let varianceDelta = kept.variance.indices.map {
      exact
        ? -products[$0] * divisor.slope(kept.variance[$0]) / (divisors[$0] * divisors[$0])
        : -0.5 * products[$0] * Formula.power(kept.variance[$0] + epsilon, -1.5)
    }
    planes.forEach {
      delta[$0] =
        delta[$0] / divisors[$1]
        + 2 * varianceDelta[$1] * (kept.x.numbers[$0] - kept.mean[$1]) / count
        + meanDelta[$1] / count
    }
    return delta
  }
}

/// The places of a batch that belong to each channel.
struct ChannelPlanes {
  private let batch: Int
  private let channels: Int
  private let area: Int

  init(_ values: BatchValues) {
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
