import FileSupport
import ModelGraph

extension BatchNormalization: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let channels = node.inputs[0].channelView(node.layout).channels
    return try LoadedNormalization(self, channels: channels, node).apply(to: node.inputs[0])
  }
}

/// `y = γ · (x − mean) / divisor(variance) + β` with the numbers of every channel.
struct LoadedNormalization<Scalar: ReferenceScalar> {
  private let operation: BatchNormalization
  private let layout: ImageLayout
  private let statistics: KernelContext<Scalar>.BatchStatistics
  private let scales: [Scalar]?
  private let biases: [Scalar]?

  /// Loads the numbers of an operation.
  init(
    _ operation: BatchNormalization, channels: Int, _ node: KernelContext<Scalar>
  ) throws(ModelFileError) {
    let shape: Shape = [channels]
    self.operation = operation
    layout = node.layout
    scales = try node.optionalValues(of: operation.scales, shape: shape)
    biases = try node.optionalValues(of: operation.biases, shape: shape)
    if let training = node.statistics {
      statistics = training
    } else {
      let mean = try node.values(of: operation.mean, shape: shape).map(Double.init)
      let variance = try node.values(of: operation.variance, shape: shape).map(Double.init)
      statistics = { _, _ in (mean, variance) }
    }
  }

  /// *y* of every number.
  func apply(to x: TensorOf<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let (means, variances) = try statistics(operation, x)
    let factors = variances.indices.map {
      Double(scales?[$0] ?? 1) / operation.divisor.value(variances[$0])
    }
    let view = x.channelView(layout)
    var result = x.values
    for outer in 0..<view.outer {
      for channel in 0..<view.channels {
        let start = (outer * view.channels + channel) * view.inner
        let (mean, factor) = (means[channel], factors[channel])
        let bias = Double(biases?[channel] ?? 0)
        for index in start..<(start + view.inner) {
          result[index] = Scalar((Double(result[index]) - mean) * factor + bias)
        }
      }
    }
    return TensorOf(shape: x.shape, values: result)
  }
}

extension BatchNormalization.Divisor {
  /// What is divided by for this variance.
  package func value(_ variance: Double) -> Double {
    switch self {
    case .rootOfSum(let epsilon): (variance + epsilon).squareRoot()
    case .sumWithRoot(let epsilon): variance.squareRoot() + epsilon
    }
  }
}
