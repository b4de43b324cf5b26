import Inference
import ModelGraph

/// darknet's update of one array, (update-1) to (update-4) in one (`convolutional_layer.c`,
/// `connected_layer.c`, …).
///
/// The buffer *u* has collected `Σ_x −∂C/∂w` over the *m* samples of the step, on top of what was left
/// from the step before. Then, in this order:
///
/// ```
/// u ← u − λ m w        (update-4: decay enters the buffer times m, so that η and γ act on it too;
///                       weights only, neither biases nor scales)
/// w ← w + (η / m) u    (update-1, FC-4, FC-5: plus, because u holds the negative gradient)
/// u ← γ u              (update-2, update-3: what is left for the next step)
/// ```
public struct UpdateRule: Sendable {
  /// η, the layer's factor included.
  public let rate: Double
  /// *m*: the samples of the step.
  public let samples: Int
  /// γ
  public let momentum: Double
  /// λ
  public let decay: Double
  /// Set if steps are Adam's.
  public let adam: AdamOptions?

  /// A rule.
  public init(
    rate: Double, samples: Int, momentum: Double, decay: Double, adam: AdamOptions? = nil
  ) {
    self.rate = rate
    self.samples = samples
    self.momentum = momentum
    self.decay = decay
    self.adam = adam
  }

  /// Updates one array and its buffers. Results are rounded to float32, which is what a checkpoint
  /// holds: so a run that is resumed goes on with the numbers that one without a break has.
  ///
  /// - Parameters:
  ///   - slot: the array.
  ///   - step: the number of this step, counted from 1, for Adam.
  func apply(to slot: inout ParameterSlot, step: Int) {
    let decays = slot.role == .weights
    let m = Double(samples)
    if decays, decay != 0 {
      for i in slot.values.indices { slot.updates[i] -= decay * m * slot.values[i] }
    }
    if let adam {
      applyAdam(adam, to: &slot, step: step)
      return
    }
    for i in slot.values.indices {
      slot.values[i] = rounded(slot.values[i] + rate / m * slot.updates[i])
      slot.updates[i] = rounded(momentum * slot.updates[i])
    }
  }

  /// Adam (`blas_kernels.cu: adam_update_gpu`; the CPU code of all forks leaves it out). The means are of
  /// *u*, the sum over the step, and *u* is cleared:
  ///
  /// `p ← β₁ p + (1 − β₁) u`, `q ← β₂ q + (1 − β₂) u²`,
  /// `w ← w + η · (p / (1 − β₁ᵗ)) / (√(q / (1 − β₂ᵗ)) + ε)`
  private func applyAdam(_ adam: AdamOptions, to slot: inout ParameterSlot, step: Int) {
    if slot.means.isEmpty {
      slot.means = [Double](repeating: 0, count: slot.values.count)
      slot.squares = slot.means
    }
    let first = 1 - Formula.power(adam.beta1, Double(step))
    let second = 1 - Formula.power(adam.beta2, Double(step))
    for i in slot.values.indices {
      let u = slot.updates[i]
      slot.means[i] = rounded(adam.beta1 * slot.means[i] + (1 - adam.beta1) * u)
      slot.squares[i] = rounded(adam.beta2 * slot.squares[i] + (1 - adam.beta2) * u * u)
      slot.values[i] = rounded(
        slot.values[i] + rate * (slot.means[i] / first)
          / ((slot.squares[i] / second).squareRoot() + adam.epsilon))
      slot.updates[i] = 0
    }
  }

  private func rounded(_ x: Double) -> Double { Double(Float(x)) }
}
