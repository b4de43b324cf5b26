import FileSupport
import ModelGraph

extension WeightedAddition: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let factors = factors(
      try node.values(of: weights, shape: weights.shape), inputs: node.inputs.count,
      channels: weights.shape.rank > 1 ? weights.shape.extents[1] : 1)
    let view = node.inputs[0].channelView(node.layout)
    var sums = [Double](repeating: 0, count: node.inputs[0].values.count)
    for (number, input) in node.inputs.enumerated() {
      for plane in 0..<(view.outer * view.channels) {
        let factor = factors[plane % view.channels % factors.count][number]
        for index in (plane * view.inner)..<((plane + 1) * view.inner) {
          sums[index] += factor * Double(input.values[index])
        }
      }
    }
    return node.result(sums.map(Scalar.init))
  }

  /// What keeps the sum of the factors from 0.
  private static let epsilon = 1e-4

  /// `v` of every input, for each channel, or once for all.
  package func factors<Scalar: ReferenceScalar>(
    _ weights: [Scalar], inputs: Int, channels: Int
  ) -> [[Double]] {
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
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let first = node.image(node.inputs[0])
    let second = node.image(node.inputs[1])
    var result = first.values
    try forEachPair(first.shape, second.shape) { target, source in
      result[target] = Scalar(
        alpha * Double(first.values[target]) + beta * Double(second.values[source]))
    }
    return node.imageResult(result)
  }

  /// Calls `body` with the places of the two numbers of each sum, in batches of images `[N, C, H, W]`.
  package func forEachPair(
    _ first: Shape, _ second: Shape, _ body: (_ target: Int, _ source: Int) -> Void
  ) throws(ModelFileError) {
    let (a, b) = (first.extents, second.extents)
    guard let (stride, sample) = Self.steps(of: Array(a[2...]), and: Array(b[2...])) else {
      throw ModelFileError(.internalFault, "adds images that the shape rule refuses")
    }
    for batch in 0..<a[0] {
      for k in 0..<min(a[1], b[1]) {
        for j in 0..<min(a[2], b[2]) {
          for i in 0..<min(a[3], b[3]) {
            body(
              ((batch * a[1] + k) * a[2] + j * sample) * a[3] + i * sample,
              ((batch * b[1] + k) * b[2] + j * stride) * b[3] + i * stride)
          }
        }
      }
    }
  }
}
