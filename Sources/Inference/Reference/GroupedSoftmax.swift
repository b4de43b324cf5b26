import FileSupport
import ModelGraph

extension GroupedSoftmax: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0].values.map(Double.init)
    let count = inputs[0].sampleCount
    var result: [Float] = []
    for sample in 0..<context.batch {
      let part = Array(x[(sample * count)..<((sample + 1) * count)])
      result += Formula.softmax(part, sizes: sizes, temperature: temperature).map(Float.init)
    }
    return context.result(result)
  }
}

extension PixelSoftmax: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    inputs[0].mappingPixels(context.layout) { Formula.softmax($0) }
  }
}
