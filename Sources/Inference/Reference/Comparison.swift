import FileSupport
import ModelGraph

extension Comparison: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let number = Float(number)
    let holds: (Float) -> Bool =
      switch rule {
      case .equal: { $0 == number }
      case .unequal: { $0 != number }
      }
    return context.result(inputs[0].values.map { holds($0) ? 1 : 0 })
  }
}
