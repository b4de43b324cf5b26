import FileSupport
import ModelGraph

extension BatchNormalization: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    try NormalizationNumbers(self, context).apply(to: inputs[0], context.layout)
  }
}

/// `y = γ · (x − mean) / divisor(variance) + β` with the numbers of every channel.
struct NormalizationNumbers: Sendable {
  private let mean: [Double]
  private let factor: [Double]
  private let biases: [Double]

  /// Loads the numbers of an operation.
  init(_ operation: BatchNormalization, _ context: KernelContext) throws(ModelFileError) {
    let divisors = try context.values(of: operation.variance)
      .map { operation.divisor.value(Double($0)) }
    mean = try context.values(of: operation.mean).map(Double.init)
    let scales = try context.values(of: operation.scales)
    factor = divisors.indices.map { Double(scales?[$0] ?? 1) / divisors[$0] }
    let offsets = try context.values(of: operation.biases)
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
