import FileSupport
import ModelGraph

extension SegmentationHead: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    inputs[0].mappingPixels(context.layout) { x in
      x[..<classes].map(Formula.logistic) + x[classes...]
    }
  }
}
