import FileSupport
import ModelGraph

/// An operation whose backward step hands δ on unchanged. Softmax layers and heads put a δ at their output
/// that already is the one at their input (`softmax_layer.c: backward_softmax_layer`).
protocol UnchangedKernel: PullbackKernel {}

extension UnchangedKernel {
  func back(_ step: BackwardStep) -> [[Double]?] { [step.delta] }
}

extension Reshaping: UnchangedKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }
}
extension Softmax: UnchangedKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    loss.softmaxDeparture(temperature: temperature)
  }
}
extension GroupedSoftmax: UnchangedKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    loss.softmaxDeparture(temperature: temperature)
  }
}
extension PixelSoftmax: UnchangedKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    "δ is handed on unchanged, the cost's being at the input already"
  }
}

extension Loss? {
  fileprivate func softmaxDeparture(temperature: Double) -> String? {
    guard case .crossEntropy = self?.function else {
      return "δ is handed on unchanged, without the softmax's derivative"
    }
    return temperature == 1 ? nil : "δ is t − p without the temperature"
  }
}
