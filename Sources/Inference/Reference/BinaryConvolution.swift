import FileSupport
import ModelGraph

extension BinaryConvolution: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    var image = node.image(node.inputs[0])
    let loaded = try convolution.loaded(channels: image.shape.extents[1], node)
    let weights = Self.binarized(loaded.weights, filters: convolution.outputs)
    let convolution = DirectConvolution(
      window: loaded.window, groups: loaded.groups, weights: weights, biases: loaded.biases)
    if binarizesInput {
      image = TensorOf(shape: image.shape, values: image.values.map { $0 > 0 ? 1 : -1 })
    }
    return node.imageResult(
      convolution.apply(image, output: node.channelsFirstShape, node.workers))
  }

  /// `±m`, *m* being the mean of `|w|` over the filter.
  private static func binarized<Scalar: ReferenceScalar>(
    _ weights: [Scalar], filters: Int
  ) -> [Scalar] {
    let count = weights.count / max(filters, 1)
    return (0..<filters).flatMap { filter in
      let kernel = weights[(filter * count)..<((filter + 1) * count)]
      let mean = Scalar(kernel.reduce(0.0) { $0 + abs(Double($1)) } / Double(count))
      return kernel.map { $0 > 0 ? mean : -mean }
    }
  }
}
