import FileSupport
import ModelGraph

extension FullyConnected: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `z = W a + b`: (FC-2), (FC-3) and, as its end, (P1). (P2) is the backward step of the activation in
  /// front, a node of its own.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let a = step.inputs[0]
    let extents = DenseExtents(
      outputs: weights.shape.extents[0], inputs: weights.shape.extents[1], samples: a.batch,
      threads: step.pass.products.threads)
    step.parameters.accumulate(
      Equations.biasGradient(error: step.delta, extents), for: biases)
    step.parameters.accumulate(
      Equations.weightGradient(error: step.delta, activations: a.values, extents), for: weights)
    guard step.wants[0] else { return [nil] }
    return [
      Equations.endOfBackward(
        error: step.delta, weights: step.parameters.values(of: weights), extents)
    ]
  }
}
