import FileSupport
import ModelGraph

extension SegmentationHead: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.inputs[0].mappingPixels(node.layout) { x in
      x[..<classes].map(Formula.logistic) + x[classes...]
    }
  }
}
