import FileSupport
import ModelGraph

extension Blur: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    // A depthwise convolution with the same kernel for every channel.
    let channels = context.imageShape.channels
    let convolution = DirectConvolution(
      window: window, groups: channels,
      weights: (0..<channels).flatMap { _ in kernel.weights }, biases: nil)
    return context.imageResult(
      convolution.apply(
        context.image(inputs[0]), output: context.channelsFirstShape, context.workers))
  }
}
