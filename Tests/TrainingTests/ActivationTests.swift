import Foundation
import Inference
import ModelGraph
import Testing

@testable import Training

/// σ′ of the functions that darknet does not have, against central differences.
@Suite struct ActivationTests {
  @Test(
    arguments: [
      .exponential, .softplus, .softsign, .gelu, .logSigmoid, .hardSwish, .celu(alpha: 0.5),
      .softShrink(threshold: 0.5), .hardShrink(threshold: 0.5), .tanhShrink, .squareplus(b: 4),
      .sparsePlus, .sparseSigmoid, .threshold(level: 0.3, value: -7),
      .thresholdedRelu(threshold: 1, slope: 0.25, maximum: 3),
      .thresholdedRelu(threshold: 0.3, slope: 0, maximum: nil), .logSoftmax, .sparsemax,
    ] as [ActivationFunction])
  func derivative(_ function: ActivationFunction) throws {
    // No number lies where a function bends.
    let z = [-4.1, -2.2, -0.9, -0.45, 0.06, 0.35, 0.37, 0.9, 1.3, 2.2, 3.6, 3.75]
    let delta = [0.5, -1, 2, 0.25, 1, -0.75, 1.5, 1, -2, 0.5, 1, 0.8]
    func values(_ numbers: [Double]) -> TensorOf<Double> {
      TensorOf(shape: [2, 3, 1, 2], values: numbers)
    }
    func applied(_ z: [Double]) throws -> TensorOf<Double> {
      try Double.value(
        of: Activation(function),
        KernelContext(
          inputs: [values(z)], layout: .channelsFirst, shape: [3, 1, 2], threads: 1,
          numbers: { _ in [] }))
    }
    func cost(_ z: [Double]) throws -> Double {
      zip(try applied(z).values, delta).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let back = function.back(delta, output: try applied(z), input: values(z))
    for index in z.indices {
      var (above, below) = (z, z)
      above[index] += 1e-6
      below[index] -= 1e-6
      let difference = (try cost(above) - cost(below)) / 2e-6
      #expect(abs(back[index] - difference) < 1e-6 * (1 + abs(difference)), "at \(z[index])")
    }
  }
}
