import FileSupport
import ModelGraph

extension Affine: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    inputs[0].mapped { scale * $0 + offset }
  }
}

extension Dropout: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    inputs[0]
  }
}
