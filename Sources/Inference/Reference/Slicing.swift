import FileSupport
import ModelGraph

extension Slicing: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let strides = inputs[0].shape.strides
    let start = zip(axes, strides.dropFirst()).reduce(0) { $0 + $1.0.start * $1.1 }
    return context.result(
      inputs[0].walked(
        [context.batch] + context.shape.extents,
        strides: [strides[0]] + zip(axes, strides.dropFirst()).map { $0.step * $1 },
        from: start, context.workers))
  }
}
