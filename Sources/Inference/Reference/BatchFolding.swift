import FileSupport
import ModelGraph

extension FoldIntoBatch: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0]
    return Tensor(
      shape: Shape([x.batch * x.sample.extents[0]] + context.shape.extents), values: x.values)
  }
}

extension UnfoldFromBatch: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0]
    return Tensor(shape: Shape([x.batch / count] + context.shape.extents), values: x.values)
  }
}
