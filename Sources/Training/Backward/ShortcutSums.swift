import FileSupport
import Inference
import ModelGraph

extension WeightedAddition: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    "the derivative of the weights' normalization is left out"
  }

  /// `δ_i = v_i δ`, `∂w_i = Σ δ x_i`: darknet takes the weight's gradient for the factor's and leaves the
  /// derivative of the normalization out (`blas.c: backward_shortcut_multilayer_cpu`).
  func back(_ step: BackwardStep) -> [[Double]?] {
    let channels = weights.shape.rank > 1 ? weights.shape.extents[1] : 1
    let factors = factors(
      step.parameters.values(of: weights), inputs: step.inputs.count, channels: channels)
    let count = step.output.sampleCount
    var below = step.inputs.map { [Double](repeating: 0, count: $0.values.count) }
    step.parameters.withUpdates(of: weights) { updates in
      for (position, input) in step.inputs.enumerated() {
        for (place, delta) in step.delta.enumerated() {
          let channel = place % count * channels / count
          below[position][place] = factors[channel][position] * delta
          updates[position * channels + channel] += delta * input.values[place]
        }
      }
    }
    return below
  }
}

extension SampledAddition: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// `δ₀ = alpha δ` (δ where nothing is added), `δ₁ = beta δ` at the cells that were added.
  ///
  /// pjreddie's code multiplies all of δ with `alpha`, and its forward pass the shared cells alone; with
  /// `alpha=1`, the default, they are the same.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    var first = step.delta
    var second = [Double](repeating: 0, count: step.inputs[1].values.count)
    try forEachPair(step.inputs[0].shape, step.inputs[1].shape) { target, source in
      first[target] = alpha * step.delta[target]
      second[source] += beta * step.delta[target]
    }
    return [first, second]
  }
}
