import FileSupport
import ModelGraph

extension FullyConnected: BackwardKernel {
  /// `z = W a + b`; backward (FC-2), (FC-3) and, as its end, (P1). (P2) is the backward step of the
  /// activation in front, a node of its own.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let a = inputs[0]
    let extents = DenseExtents(
      outputs: weights.shape.extents[0], inputs: weights.shape.extents[1], samples: a.batch,
      threads: pass.products.threads)
    let w = pass.parameters.values(of: weights)
    let z = Equations.weightedInput(
      weights: w, activations: a.numbers, biases: pass.parameters.values(of: biases), extents)
    return (
      z,
      { step in
        step.parameters.accumulate(
          Equations.biasGradient(error: step.delta, extents), for: biases)
        step.parameters.accumulate(
          Equations.weightGradient(error: step.delta, activations: a.numbers, extents),
          for: weights)
        guard step.wants[0] else { return [nil] }
        return [Equations.endOfBackward(error: step.delta, weights: w, extents)]
      }
    )
  }
}
