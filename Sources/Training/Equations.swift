import Inference
import ModelGraph

/// The extents of a fully connected layer *l* at work on a batch.
///
/// Matrices lie row by row: *W* is `[outputs, inputs]` with element `w_jk` at `j · inputs + k`; values of
/// a batch are `[samples, outputs]` or `[samples, inputs]`.
public struct DenseExtents: Sendable {
  /// Neurons *j* of layer *l*.
  public let outputs: Int
  /// Neurons *k* of layer *l* − 1.
  public let inputs: Int
  /// Samples *x* of the batch.
  public let samples: Int
  /// Threads that share the rows.
  public let threads: Int

  /// Extents.
  public init(outputs: Int, inputs: Int, samples: Int, threads: Int = 1) {
    self.outputs = outputs
    self.inputs = inputs
    self.samples = samples
    self.threads = threads
  }

  var products: Products { Products(threads: threads) }
}

/// The equations by which a fully connected network learns, as the text numbers them. `spec/training.md`
/// maps each number to its function here and to the test that proves it.
///
/// Signs are the text's: functions named *gradient* return ∂C. darknet keeps `−δ` (`y − a` instead of
/// `a − y`) and adds where the text subtracts; since all of (FC-1) to (FC-3) are linear in δ, the same
/// functions serve both, and only ``darknetDelta(prediction:truth:)`` and ``UpdateRule`` know the sign.
public enum Equations {
  /// **Weighted input**: `z^l = W^l a^{l−1} + b^l`, by components `z_j = Σ_k w_jk a_k + b_j`.
  ///
  /// - Parameters:
  ///   - weights: *W*, `[outputs, inputs]`.
  ///   - activations: `a^{l−1}`, `[samples, inputs]`.
  ///   - biases: *b*, `[outputs]`, or none.
  ///   - extents: the numbers of samples, inputs and outputs.
  /// - Returns: *z*, `[samples, outputs]` (`connected_layer.c: forward_connected_layer`).
  public static func weightedInput(
    weights: [Double], activations: [Double], biases: [Double]?, _ extents: DenseExtents
  ) -> [Double] {
    MatrixVector(
      weights: weights, biases: biases, outputs: extents.outputs, inputs: extents.inputs
    ).apply(
      TensorOf(shape: [extents.samples, extents.inputs], values: activations),
      threads: extents.threads)
  }

  /// **Activation**: `a^l = σ(z^l)`, number by number.
  public static func activation(of z: [Double], _ function: ActivationFunction) -> [Double] {
    z.map(function.scalar)
  }

  /// **Quadratic cost**: `C = ½ Σ_j (y_j − a_j^L)²`. darknet reports twice that (`blas.c: l2_cpu`).
  public static func quadraticCost(prediction: [Double], truth: [Double]) -> Double {
    zip(prediction, truth).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) } / 2
  }

  /// **Its derivative**: `∂C/∂a_j = a_j − y_j`.
  public static func quadraticCostGradient(prediction: [Double], truth: [Double]) -> [Double] {
    zip(prediction, truth).map { $0 - $1 }
  }

  /// **darknet's sign**: `δ_j = y_j − a_j`, the negative of ∂C/∂a (`blas.c: l2_cpu`).
  public static func darknetDelta(prediction: [Double], truth: [Double]) -> [Double] {
    zip(prediction, truth).map { $1 - $0 }
  }

  /// **Output error**: `δ^L = ∇_a C ⊙ σ′(z^L)`, with σ′ computed out of `a^L` as darknet does.
  ///
  /// - Parameters:
  ///   - costGradient: `∇_a C`, `[samples, outputs]`.
  ///   - output: `a^L`, of the same shape.
  ///   - function: σ.
  public static func outputError(
    costGradient: [Double], output: [Double], _ function: ActivationFunction
  ) -> [Double] {
    beginningOfBackward(delta: costGradient, output: output, function)
  }

  /// **(FC-1)** `δ^{l−1} = ((W^l)ᵀ δ^l) ⊙ σ′(z^{l−1})`: (P1) of layer *l*, then (P2) of layer *l* − 1.
  ///
  /// - Parameters:
  ///   - error: `δ^l`, `[samples, outputs]`.
  ///   - weights: `W^l`, `[outputs, inputs]`.
  ///   - output: `a^{l−1}`, `[samples, inputs]`.
  ///   - function: σ.
  ///   - extents: the numbers of samples, inputs and outputs.
  /// - Returns: `δ^{l−1}`, `[samples, inputs]`.
  public static func errorBelow(
    error: [Double], weights: [Double], output: [Double], _ function: ActivationFunction,
    _ extents: DenseExtents
  ) -> [Double] {
    beginningOfBackward(
      delta: endOfBackward(error: error, weights: weights, extents), output: output, function)
  }

  /// **(P1)** Layer *l*'s backward ends with `δ^l ∂z^l/∂a^{l−1} = (W^l)ᵀ δ^l`, which darknet adds to layer
  /// *l* − 1's delta.
  ///
  /// - Returns: `[samples, inputs]`.
  public static func endOfBackward(
    error: [Double], weights: [Double], _ extents: DenseExtents
  ) -> [Double] {
    var below = [Double](repeating: 0, count: extents.samples * extents.inputs)
    extents.products.add(
      rows: extents.samples, inner: extents.outputs, columns: extents.inputs,
      error, MatrixView(rowStride: extents.outputs),
      weights, MatrixView(rowStride: extents.inputs),
      to: &below, MatrixView(rowStride: extents.inputs))
    return below
  }

  /// **(P2)** Layer *l* − 1's backward begins by multiplying its delta with `σ′(z^{l−1})`, which darknet
  /// computes out of the output `a^{l−1}` (`activations.c: gradient_array`).
  public static func beginningOfBackward(
    delta: [Double], output: [Double], _ function: ActivationFunction
  ) -> [Double] {
    zip(delta, output).map { $0 * function.derivative(atOutput: $1) }
  }

  /// **(FC-2)** `∂C/∂b_j = δ_j^l`, summed over the samples (`connected_layer.c: backward_bias`).
  ///
  /// - Parameters:
  ///   - error: `δ^l`, `[samples, outputs]`.
  ///   - extents: the numbers of samples, inputs and outputs.
  /// - Returns: `[outputs]`.
  public static func biasGradient(error: [Double], _ extents: DenseExtents) -> [Double] {
    var gradient = [Double](repeating: 0, count: extents.outputs)
    for sample in 0..<extents.samples {
      for j in 0..<extents.outputs { gradient[j] += error[sample * extents.outputs + j] }
    }
    return gradient
  }

  /// **(FC-3)** `∂C/∂w_jk = a_k^{l−1} δ_j^l`, summed over the samples.
  ///
  /// - Parameters:
  ///   - error: `δ^l`, `[samples, outputs]`.
  ///   - activations: `a^{l−1}`, `[samples, inputs]`.
  ///   - extents: the numbers of samples, inputs and outputs.
  /// - Returns: `[outputs, inputs]`.
  public static func weightGradient(
    error: [Double], activations: [Double], _ extents: DenseExtents
  ) -> [Double] {
    var gradient = [Double](repeating: 0, count: extents.outputs * extents.inputs)
    extents.products.add(
      rows: extents.outputs, inner: extents.samples, columns: extents.inputs,
      error, MatrixView(rowStride: extents.outputs).transposed,
      activations, MatrixView(rowStride: extents.inputs),
      to: &gradient, MatrixView(rowStride: extents.inputs))
    return gradient
  }

  /// **(FC-4)** `b^l ← b^l − η ∂C/∂b^l` and **(FC-5)** `W^l ← W^l − η ∂C/∂W^l`; with the sum over a
  /// mini-batch of *m* samples, `η / m` in place of η.
  public static func descend(
    _ parameters: [Double], along gradient: [Double], rate: Double, samples: Int = 1
  ) -> [Double] {
    zip(parameters, gradient).map { $0 - rate / Double(samples) * $1 }
  }

  /// **(update-2)** The text's velocity, `v_t = γ v_{t−1}`, completed by the gradient that it leaves out:
  /// `v_t = γ v_{t−1} − (η / m) Σ_x ∂C`.
  public static func velocity(
    before: [Double], gradient: [Double], momentum: Double, rate: Double, samples: Int = 1
  ) -> [Double] {
    zip(before, gradient).map { momentum * $0 - rate / Double(samples) * $1 }
  }

  /// **(update-3)** `w ← w + v_t`.
  public static func moved(_ parameters: [Double], by velocity: [Double]) -> [Double] {
    zip(parameters, velocity).map { $0 + $1 }
  }

  /// **(update-4)** Weight decay, `w ← w − (λ / m) w`. In darknet λ is not divided by *m* but multiplied
  /// with η: see ``UpdateRule``.
  public static func decayed(_ weights: [Double], decay: Double, samples: Int) -> [Double] {
    weights.map { $0 - decay / Double(samples) * $0 }
  }
}
