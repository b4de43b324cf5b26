import FileSupport
import ModelGraph

extension Blur: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    // A depthwise convolution with the same kernel for every channel.
    let channels = node.imageShape.channels
    let convolution = DirectConvolution(
      window: window, groups: channels,
      weights: (0..<channels).flatMap { _ in kernel.weights.map { Scalar($0) } }, biases: nil)
    return node.imageResult(
      convolution.apply(
        node.image(node.inputs[0]), output: node.channelsFirstShape, node.workers))
  }
}
