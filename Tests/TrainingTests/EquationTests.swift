import ModelGraph
import Testing

@testable import Training

/// The worked example of `spec/training.md`: two inputs, two neurons, one sample, σ = logistic.
@Suite struct EquationTests {
  private let w = [0.5, -1, 0.25, 2]
  private let b = [0.1, -0.2]
  private let below = [1.0, 2.0]
  private let truth = [1.0, 0.0]
  private let one = DenseExtents(outputs: 2, inputs: 2, samples: 1)

  private func expect(
    _ found: [Double], _ wanted: [Double], tolerance: Double = 5e-5,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == wanted.count, sourceLocation: sourceLocation)
    for (a, b) in zip(found, wanted) {
      #expect(abs(a - b) <= tolerance, "\(a), not \(b)", sourceLocation: sourceLocation)
    }
  }

  private var z: [Double] {
    Equations.weightedInput(weights: w, activations: below, biases: b, one)
  }
  private var a: [Double] { Equations.activation(of: z, .logistic) }
  private var error: [Double] {
    Equations.outputError(
      costGradient: Equations.quadraticCostGradient(prediction: a, truth: truth), output: a,
      .logistic)
  }

  @Test func weightedInput() { expect(z, [-1.4, 4.05]) }
  @Test func activation() { expect(a, [0.1978, 0.9829]) }
  @Test func quadraticCost() {
    expect([Equations.quadraticCost(prediction: a, truth: truth)], [0.8048])
  }
  @Test func quadraticCostGradient() {
    expect(Equations.quadraticCostGradient(prediction: a, truth: truth), [-0.8022, 0.9829])
  }
  @Test func darknetDelta() {
    expect(Equations.darknetDelta(prediction: a, truth: truth), [0.8022, -0.9829])
  }
  @Test func outputError() { expect(error, [-0.1273, 0.0165]) }

  @Test func fc1IsP1ThenP2() {
    let output = [0.6, 0.3]
    let p1 = Equations.endOfBackward(error: [1, 2], weights: w, one)
    expect(p1, [1, 3])
    let p2 = Equations.beginningOfBackward(delta: p1, output: output, .logistic)
    expect(p2, [0.24, 0.63])
    expect(
      Equations.errorBelow(error: [1, 2], weights: w, output: output, .logistic, one), p2)
  }

  @Test func fc2SumsOverSamples() {
    let two = DenseExtents(outputs: 2, inputs: 2, samples: 2)
    expect(Equations.biasGradient(error: [1, 2, 3, 4], two), [4, 6])
  }

  @Test func fc3IsTheOuterProduct() {
    expect(
      Equations.weightGradient(error: [1, 2], activations: below, one), [1, 2, 2, 4])
    let two = DenseExtents(outputs: 1, inputs: 2, samples: 2)
    expect(Equations.weightGradient(error: [1, 2], activations: [1, 2, 3, 4], two), [7, 10])
  }

  @Test func fc4AndFc5Descend() {
    expect(Equations.descend([1, 2], along: [10, -10], rate: 0.1), [0, 3])
    expect(Equations.descend([1, 2], along: [10, -10], rate: 0.1, samples: 4), [0.75, 2.25])
  }

  @Test func update2TakesUpTheGradient() {
    expect(
      Equations.velocity(before: [1], gradient: [2], momentum: 0.9, rate: 0.1), [0.7])
  }

  @Test func update3Moves() { expect(Equations.moved([1], by: [0.7]), [1.7]) }

  @Test func update4Decays() {
    expect(Equations.decayed([2], decay: 0.1, samples: 4), [1.95])
  }

  /// Two steps by hand: m = 2, η = 0.1, γ = 0.9, λ = 0.01, w = 1, the gradient's sum −4, then 0.
  @Test func darknetsUpdateByHand() {
    let rule = UpdateRule(rate: 0.1, samples: 2, momentum: 0.9, decay: 0.01)
    var slot = ParameterSlot(
      name: "w", array: "w", role: .weights, layer: 0, values: [1], updates: [4])
    rule.apply(to: &slot, step: 1)
    // u = 4 − 0.01 · 2 · 1 = 3.98; w = 1 + 0.05 · 3.98; u = 0.9 · 3.98
    expect(slot.values, [1.199], tolerance: 1e-6)
    expect(slot.updates, [3.582], tolerance: 1e-6)
    rule.apply(to: &slot, step: 2)
    expect(slot.values, [1.199 + 0.05 * (3.582 - 0.02 * 1.199)], tolerance: 1e-6)
  }

  /// Without decay, the buffer is the text's velocity, completed, over −η / m.
  @Test func bufferIsTheVelocityInOtherUnits() {
    let rule = UpdateRule(rate: 0.1, samples: 2, momentum: 0.9, decay: 0)
    var slot = ParameterSlot(
      name: "w", array: "w", role: .weights, layer: 0, values: [1], updates: [0])
    var (w, v) = ([1.0], [0.0])
    for gradient in [-4.0, 2, 1] {
      slot.updates[0] -= gradient
      rule.apply(to: &slot, step: 1)
      v = Equations.velocity(
        before: v, gradient: [gradient], momentum: 0.9, rate: 0.1, samples: 2)
      w = Equations.moved(w, by: v)
      expect(slot.values, w, tolerance: 1e-6)
    }
  }

  @Test func biasesDoNotDecay() {
    let rule = UpdateRule(rate: 0.1, samples: 1, momentum: 0, decay: 0.5)
    var slot = ParameterSlot(
      name: "b", array: "b", role: .biases, layer: 0, values: [1], updates: [0])
    rule.apply(to: &slot, step: 1)
    expect(slot.values, [1])
  }

  @Test func adamsFirstStepIsTheRate() {
    let rule = UpdateRule(rate: 0.1, samples: 1, momentum: 0, decay: 0, adam: AdamOptions())
    var slot = ParameterSlot(
      name: "b", array: "b", role: .biases, layer: 0, values: [1, 1], updates: [3, -0.001])
    rule.apply(to: &slot, step: 1)
    expect(slot.values, [1.1, 0.9])
    expect(slot.updates, [0, 0])
  }
}
