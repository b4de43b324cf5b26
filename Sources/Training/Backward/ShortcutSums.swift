import FileSupport
import Inference
import ModelGraph

extension WeightedAddition: BackwardKernel {
  /// `δ_i = v_i δ`, `∂w_i = Σ δ x_i`: darknet takes the weight's gradient for the factor's and leaves the
  /// derivative of the normalization out (`blas.c: backward_shortcut_multilayer_cpu`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let channels = weights.shape.rank > 1 ? weights.shape.extents[1] : 1
    let factors = factors(
      pass.parameters.values(of: weights), inputs: inputs.count, channels: channels)
    let own = inputs[0].sampleCount
    let area = own / channels
    func forEach(_ position: Int, _ body: (_ own: Int, _ other: Int, _ weight: Int) -> Void) {
      let count = inputs[position].sampleCount
      for sample in 0..<pass.batch {
        for index in 0..<min(own, count) {
          body(
            sample * own + index, sample * count + index, position * channels + index / area)
        }
      }
    }
    var result = [Double](repeating: 0, count: pass.batch * own)
    for position in inputs.indices {
      forEach(position) { result[$0] += factors[$2] * inputs[position].numbers[$1] }
    }
    return (
      result,
      { step in
        var below: [[Double]] = []
        step.parameters.withUpdates(of: weights) { updates in
          for position in inputs.indices {
            var part = [Double](repeating: 0, count: inputs[position].numbers.count)
            forEach(position) {
              part[$1] = factors[$2] * step.delta[$0]
              updates[$2] += step.delta[$0] * inputs[position].numbers[$1]
            }
            below.append(part)
          }
        }
        return below
      }
    )
  }

  /// *v* of every input and channel, in the order of the weights.
  private func factors(_ w: [Double], inputs: Int, channels: Int) -> [Double] {
    var result = w
    for channel in 0..<channels {
      let places = (0..<inputs).map { $0 * channels + channel }
      let largest = places.map { w[$0] }.max() ?? 0
      for place in places {
        result[place] =
          normalization == .softmax ? Formula.exponential(w[place] - largest) : max(w[place], 0)
      }
      let sum = places.reduce(1e-4) { $0 + result[$1] }
      for place in places { result[place] /= sum }
    }
    return result
  }
}

extension SampledAddition: BackwardKernel {
  /// `δ₀ = alpha δ` (δ where nothing is added), `δ₁ = beta δ` at the cells that were added.
  ///
  /// pjreddie's code multiplies all of δ with `alpha`, and its forward pass the shared cells alone; with
  /// `alpha=1`, the default, they are the same.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let (a, b) = (inputs[0].image, inputs[1].image)
    guard
      let (stride, sample) = Self.steps(of: [a.height, a.width], and: [b.height, b.width])
    else {
      throw ModelFileError(.internalFault, "adds images that the shape rule refuses")
    }
    func forEach(_ body: (_ target: Int, _ source: Int) -> Void) {
      for n in 0..<pass.batch {
        for k in 0..<min(a.channels, b.channels) {
          for j in 0..<min(a.height, b.height) {
            for i in 0..<min(a.width, b.width) {
              body(
                ((n * a.channels + k) * a.height + j * sample) * a.width + i * sample,
                ((n * b.channels + k) * b.height + j * stride) * b.width + i * stride)
            }
          }
        }
      }
    }
    var result = inputs[0].numbers
    forEach { result[$0] = alpha * inputs[0].numbers[$0] + beta * inputs[1].numbers[$1] }
    return (
      result,
      { step in
        var first = step.delta.map { $0 }
        var second = [Double](repeating: 0, count: inputs[1].numbers.count)
        forEach {
          first[$0] = alpha * step.delta[$0]
          second[$1] += beta * step.delta[$0]
        }
        return [first, second]
      }
    )
  }
}
