import FileSupport
import ModelGraph

extension Rounding: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0].values
    return context.result(
      type == .float16 ? x.map(\.roundedToHalf) : x.map(\.roundedToBrainFloat))
  }
}
