import FileSupport
import ModelGraph

extension Repetition: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    // Every axis is walked as two: its elements, and each of them several times.
    let x = inputs[0]
    return context.result(
      x.walked(
        [context.batch] + zip(x.sample.extents, counts).flatMap { [$0, $1] },
        strides: [x.sampleCount] + x.shape.strides.dropFirst().flatMap { [$0, 0] },
        context.workers))
  }
}
