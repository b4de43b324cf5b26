import FileSupport
import ModelGraph

extension FoldIntoBatch: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0]
    return TensorOf(
      shape: Shape([x.batch * x.sample.extents[0]] + node.shape.extents), values: x.values)
  }
}

extension UnfoldFromBatch: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0]
    return TensorOf(shape: Shape([x.batch / count] + node.shape.extents), values: x.values)
  }
}
