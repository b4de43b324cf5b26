import FileSupport
import ModelGraph

extension BinaryConvolution: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    var image = context.image(inputs[0])
    let loaded = try convolution.loaded(channels: image.shape.extents[1], context)
    let weights = Self.binarized(loaded.weights, filters: convolution.outputs)
    let convolution = DirectConvolution(
      window: loaded.window, groups: loaded.groups, weights: weights, biases: loaded.biases)
    if binarizesInput {
      image = Tensor(shape: image.shape, values: image.values.map { $0 > 0 ? 1 : -1 })
    }
    return context.imageResult(
      convolution.apply(image, output: context.channelsFirstShape, context.workers))
  }

  /// `±m`, *m* being the mean of `|w|` over the filter.
  private static func binarized(_ weights: [Float], filters: Int) -> [Float] {
    let count = weights.count / max(filters, 1)
    return (0..<filters).flatMap { filter in
      let kernel = weights[(filter * count)..<((filter + 1) * count)]
      let mean = Float(kernel.reduce(0.0) { $0 + abs(Double($1)) } / Double(count))
      return kernel.map { $0 > 0 ? mean : -mean }
    }
  }
}
