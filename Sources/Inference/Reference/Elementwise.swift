import FileSupport
import ModelGraph

extension Affine: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    context.result(inputs[0].values.map { Float(scale * Double($0) + offset) })
  }
}

extension Dropout: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    inputs[0]
  }
}
