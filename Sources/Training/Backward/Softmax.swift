import FileSupport
import ModelGraph

/// An operation whose backward step hands δ on unchanged. Softmax layers and heads put a δ at their output
/// that already is the one at their input (`softmax_layer.c: backward_softmax_layer`).
protocol UnchangedKernel: PullbackKernel {}

extension UnchangedKernel {
  func back(_ step: BackwardStep) -> [[Double]?] { [step.delta] }
}

extension Reshaping: UnchangedKernel {}
extension Softmax: UnchangedKernel {}
extension GroupedSoftmax: UnchangedKernel {}
extension PixelSoftmax: UnchangedKernel {}
