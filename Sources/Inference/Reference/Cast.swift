import FileSupport
import ModelGraph

extension Cast: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0].values
    return node.result(
      type == .float16
        ? x.map { Scalar(Float($0).roundedToHalf) }
        : x.map { Scalar(Float($0).roundedToBrainFloat) })
  }
}
