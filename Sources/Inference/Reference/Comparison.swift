import FileSupport
import ModelGraph

extension Comparison: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let number = Scalar(Float(number))
    let holds: (Scalar) -> Bool =
      switch rule {
      case .equal: { $0 == number }
      case .unequal: { $0 != number }
      }
    return node.result(node.inputs[0].values.map { holds($0) ? 1 : 0 })
  }
}
