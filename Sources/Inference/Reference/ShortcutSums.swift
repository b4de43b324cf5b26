import FileSupport
import ModelGraph

extension WeightedAddition: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let factors = factors(
      try context.values(of: weights, shape: weights.shape), inputs: inputs.count,
      channels: weights.shape.rank > 1 ? weights.shape.extents[1] : 1)
    let first = inputs[0].channelView(context.layout)
    var sums = [Double](repeating: 0, count: inputs[0].values.count)
    for (number, input) in inputs.enumerated() {
      let view = input.channelView(context.layout)
      for outer in 0..<first.outer {
        for channel in 0..<min(view.channels, first.channels) {
          let target = (outer * first.channels + channel) * first.inner
          let source = (outer * view.channels + channel) * view.inner
          let factor = factors[channel % factors.count][number]
          for index in 0..<view.inner {
            sums[target + index] += factor * Double(input.values[source + index])
          }
        }
      }
    }
    return context.result(sums.map(Float.init))
  }

  /// What keeps the sum of the factors from 0.
  private static let epsilon = 1e-4

  /// `v` of every input, for each channel, or once for all.
  private func factors(_ weights: [Float], inputs: Int, channels: Int) -> [[Double]] {
    (0..<channels).map { channel in
      let w = (0..<inputs).map { Double(weights[$0 * channels + channel]) }
      let largest = w.max() ?? 0
      let raw =
        normalization == .softmax
        ? w.map { Formula.exponential($0 - largest) } : w.map { max($0, 0) }
      let sum = raw.reduce(Self.epsilon, +)
      return raw.map { $0 / sum }
    }
  }
}

extension SampledAddition: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let first = context.image(inputs[0])
    let second = context.image(inputs[1])
    let a = first.shape.extents
    let b = second.shape.extents
    guard let (stride, sample) = Self.steps(of: Array(a[2...]), and: Array(b[2...])) else {
      throw ModelFileError(.internalFault, "adds images that the shape rule refuses")
    }
    var result = first.values
    for batch in 0..<first.batch {
      for k in 0..<min(a[1], b[1]) {
        for j in 0..<min(a[2], b[2]) {
          for i in 0..<min(a[3], b[3]) {
            let target = ((batch * a[1] + k) * a[2] + j * sample) * a[3] + i * sample
            let source = ((batch * b[1] + k) * b[2] + j * stride) * b[3] + i * stride
            result[target] = Float(
              alpha * Double(first.values[target]) + beta * Double(second.values[source]))
          }
        }
      }
    }
    return context.imageResult(result)
  }
}
