import FileSupport
import ModelGraph

extension BatchNormalization: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let channels = inputs[0].channelView(context.layout).channels
    return try NormalizationNumbers(self, channels: channels, context)
      .apply(to: inputs[0], context.layout)
  }
}

/// `y = γ · (x − mean) / divisor(variance) + β` with the numbers of every channel.
struct NormalizationNumbers: Sendable {
  private let mean: [Double]
  private let factor: [Double]
  private let biases: [Double]

  /// Loads the numbers of an operation.
  init(
    _ operation: BatchNormalization, channels: Int, _ context: KernelContext
  ) throws(ModelFileError) {
    let shape: Shape = [channels]
    let divisors = try context.values(of: operation.variance, shape: shape)
      .map { operation.divisor.value(Double($0)) }
    mean = try context.values(of: operation.mean, shape: shape).map(Double.init)
    let scales = try context.optionalValues(of: operation.scales, shape: shape)
    factor = divisors.indices.map { Double(scales?[$0] ?? 1) / divisors[$0] }
    let offsets = try context.optionalValues(of: operation.biases, shape: shape)
    biases = offsets?.map(Double.init) ?? mean.map { _ in 0 }
  }

  /// *y* of every number.
  func apply(to x: Tensor, _ layout: ImageLayout) -> Tensor {
    let view = x.channelView(layout)
    var result = x.values
    for outer in 0..<view.outer {
      for channel in 0..<view.channels {
        let start = (outer * view.channels + channel) * view.inner
        let (mean, factor, bias) = (mean[channel], factor[channel], biases[channel])
        for index in start..<(start + view.inner) {
          result[index] = Float((Double(result[index]) - mean) * factor + bias)
        }
      }
    }
    return Tensor(shape: x.shape, values: result)
  }
}

extension BatchNormalization.Divisor {
  /// What is divided by for this variance.
  func value(_ variance: Double) -> Double {
    switch self {
    case .rootOfSum(let epsilon): (variance + epsilon).squareRoot()
    case .sumWithRoot(let epsilon): variance.squareRoot() + epsilon
    }
  }
}
