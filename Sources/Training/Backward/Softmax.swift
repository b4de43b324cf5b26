import FileSupport
import Inference
import ModelGraph

extension BackwardKernel {
  /// A backward step that hands δ on unchanged: softmax layers, costs and heads put a δ at their output
  /// that already is the one at their input (`softmax_layer.c: backward_softmax_layer`).
  static var unchanged: Pullback { { step in [step.delta] } }
}

extension Softmax: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let size = inputs[0].sampleCount / groups
    let sizes = [Int](repeating: size, count: groups * inputs[0].batch)
    return (
      Formula.softmax(inputs[0].numbers, sizes: sizes, temperature: temperature), Self.unchanged
    )
  }
}

extension GroupedSoftmax: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let all = (0..<inputs[0].batch).flatMap { _ in sizes }
    return (
      Formula.softmax(inputs[0].numbers, sizes: all, temperature: temperature), Self.unchanged
    )
  }
}

extension PixelSoftmax: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    (inputs[0].mappingPixels { Formula.softmax($0) }, Self.unchanged)
  }
}
