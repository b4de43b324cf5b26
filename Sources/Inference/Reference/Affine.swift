import FileSupport
import ModelGraph

extension Affine: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.inputs[0].mapped { scale * $0 + offset }
  }
}

extension Dropout: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.inputs[0]
  }
}
