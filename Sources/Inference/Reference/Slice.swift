import FileSupport
import ModelGraph

extension Slice: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let strides = node.inputs[0].shape.strides
    let start = zip(axes, strides.dropFirst()).reduce(0) { $0 + $1.0.start * $1.1 }
    return node.result(
      node.inputs[0].walked(
        [node.batch] + node.shape.extents,
        strides: [strides[0]] + zip(axes, strides.dropFirst()).map { $0.step * $1 },
        from: start, node.workers))
  }
}
