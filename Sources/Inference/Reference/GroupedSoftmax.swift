import FileSupport
import ModelGraph

extension GroupedSoftmax: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0].values.map(Double.init)
    let count = node.inputs[0].sampleCount
    var result: [Scalar] = []
    for sample in 0..<node.batch {
      let part = Array(x[(sample * count)..<((sample + 1) * count)])
      result += Formula.softmax(part, sizes: sizes, temperature: temperature).map(Scalar.init)
    }
    return node.result(result)
  }
}

extension PixelSoftmax: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.inputs[0].mappingPixels(node.layout) { Formula.softmax($0) }
  }
}
