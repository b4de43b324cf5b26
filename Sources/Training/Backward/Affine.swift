import FileSupport
import Inference
import ModelGraph

extension Input: BackwardKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// The network puts the data in its place.
  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    throw ModelFileError(.internalFault, "an input was computed")
  }
}

extension Affine: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  func back(_ step: BackwardStep) -> [[Double]?] { [step.delta.map { scale * $0 }] }
}

extension Zeros: BackwardKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// In training the layer of a cost: it hands its input on, so that the loss can be attached here.
  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    (pass.inputs[0], { step in [step.delta] })
  }
}

extension LearnedConstant: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// `∂values = Σ over the samples of δ` (`representation_layer.c`).
  func back(_ step: BackwardStep) -> [[Double]?] {
    step.accumulateSums(for: values)
    return [nil]
  }
}

extension BackwardStep {
  /// Adds Σ over the samples of δ to the gradient of a parameter that has a number for each of the output's.
  func accumulateSums(for parameter: Parameter) {
    var sums = [Double](repeating: 0, count: output.sampleCount)
    for (index, delta) in delta.enumerated() { sums[index % sums.count] += delta }
    parameters.accumulate(sums, for: parameter)
  }
}

extension Dropout: BackwardKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// A number is dropped with the chance *p*; what stays is divided by 1 − *p*, δ likewise
  /// (`dropout_layer.c`). darknet changes the values of the layer before it in place, so that its σ′
  /// sees what was dropped: ``TrainedNetwork`` writes the result back for that reason.
  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    var (value, chance) = (pass.inputs[0], pass.randomness)
    let kept = 1 / (1 - probability)
    let mask = value.values.map { _ in chance.unit() < probability ? 0 : kept }
    value.values = value.values.times(mask)
    return (value, { step in [step.delta.times(mask)] })
  }
}
