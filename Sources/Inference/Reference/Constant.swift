import FileSupport
import ModelGraph

extension LearnedConstant: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let sample = try node.values(of: values, shape: node.shape)
    return node.result((0..<node.batch).flatMap { _ in sample })
  }
}

extension Zeros: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.result(node.inputs[0].values.map { _ in 0 })
  }
}
