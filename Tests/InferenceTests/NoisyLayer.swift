import Inference
import ModelGraph

/// A layer of Keras whose input, weights and initial states are noise, made in this order and in Keras's
/// axes, so that a script can make the same.
struct NoisyLayer {
  private var noise = Noise(1)
  /// The sequences.
  let input: Tensor

  init(input shape: Shape) { input = noise.tensor(shape) }

  mutating func state(_ shape: Shape) -> Tensor { noise.tensor(shape) }

  /// `[k…, in, out]` as `[out, in, k…]`.
  private mutating func parameter(_ stored: Shape) -> Parameter {
    let rank = stored.rank
    let order = Array((max(rank - 2, 0)..<rank).reversed()) + Array(0..<max(rank - 2, 0))
    let view = StridedView(contiguous: stored).permuted(order)
    return Parameter(
      "kernel", of: "layer", role: .weights, shape: Shape(view.extents), view: view,
      source: MemorySource(noise.numbers(stored.elementCount)))
  }

  mutating func cell(
    _ kind: RecurrentCell.Kind, in inputs: Int, units: Int, hasBiases: Bool = true,
    _ activation: ActivationFunction = .tanh, window: Window? = nil
  ) -> RecurrentCell {
    let rows = units * kind.gates
    let size = window?.size ?? []
    return RecurrentCell(
      kind: kind, product: window.map { .convolution(input: $0) } ?? .matrix,
      kernel: parameter(Shape(size + [inputs, rows])),
      stateKernel: parameter(Shape(size + [units, rows])),
      biases: hasBiases ? parameter([rows]) : nil,
      stateBiases: hasBiases && kind == .gated(resetsAfter: true) ? parameter([rows]) : nil,
      activation: activation, gateActivation: .logistic)
  }

  /// A relu cell that feeds a long short-term memory that feeds a gated unit.
  mutating func stack() -> [RecurrentCell] {
    [
      cell(.simple, in: 3, units: 2, .relu(maximum: nil)),
      cell(.longShortTerm, in: 2, units: 3),
      cell(.gated(resetsAfter: true), in: 3, units: 2),
    ]
  }
}
