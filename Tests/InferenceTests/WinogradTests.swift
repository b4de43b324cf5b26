import CWinograd
import Inference
import ModelGraph
import Testing

@Suite("Winograd")
struct WinogradTests {
  /// The widths that this processor has.
  static let widths: [Int] = [16, 8].filter { winograd_lanes(Int32($0)) == Int32($0) }

  /// Edges that cut tiles everywhere, no padding and unequal padding, odd numbers of vectors, more inputs than are
  /// summed at a time.
  static let cases: [WinogradCase] =
    blockedCases
    + blockedCases.map { blocked in
      var last = blocked
      last.isChannelsLast = true
      return last
    }

  private static let blockedCases: [WinogradCase] = widths.flatMap { lanes in
    [
      WinogradCase(lanes: lanes, vectors: (2, 2), size: (8, 8)),
      WinogradCase(lanes: lanes, vectors: (1, 1), size: (1, 1)),
      WinogradCase(lanes: lanes, batch: 3, vectors: (1, 3), size: (5, 11)),
      WinogradCase(lanes: lanes, vectors: (3, 2), size: (13, 6), padding: (0, 0), hasBias: false),
      WinogradCase(lanes: lanes, vectors: (2, 3), size: (9, 10), padding: (0, 1)),
      WinogradCase(lanes: lanes, vectors: (2, 1), size: (10, 7), padding: (1, 0)),
      WinogradCase(lanes: lanes, vectors: (80 / lanes, 2), size: (14, 15)),
      WinogradCase(lanes: lanes, batch: 2, vectors: (208 / lanes, 3), size: (7, 7)),
      // A thread transforms its own inputs.
      WinogradCase(lanes: lanes, vectors: (1, 3), size: (90, 85)),
      // Several groups of blocks of tiles.
      WinogradCase(lanes: lanes, batch: 3, vectors: (400 / lanes, 1), size: (44, 48)),
    ]
  }

  @Test("Sums in double precision", arguments: cases, WinogradCase.Inputs.allCases)
  func sums(shape: WinogradCase, inputs: WinogradCase.Inputs) {
    var shape = shape
    shape.inputs = inputs
    let tensors = shape.tensors()
    let result = shape.computed(tensors)
    let ratio = shape.errorRatio(of: result.values, tensors)
    #expect(ratio <= 1)
    #expect(!result.values.contains { !$0.isFinite })
    #expect(result.around.allSatisfy { $0.isNaN })
  }

  @Test("The number of threads changes no bit", arguments: cases)
  func threads(shape: WinogradCase) {
    let tensors = shape.tensors()
    let one = shape.computed(tensors)
    for threads in 2...3 {
      let more = shape.computed(tensors, threads: threads)
      #expect(more.values == one.values)
      #expect(more.around.allSatisfy { $0.isNaN })
    }
  }

  @Test("The shapes reach both ways to share out the work")
  func phases() {
    for lanes in Self.widths {
      let phases = Self.cases.filter { $0.lanes == lanes }.map { shape in
        var shape = shape.shape
        return winograd_phases(&shape, Int32(lanes), 1)
      }
      #expect(Set(phases).isSuperset(of: [1, 2]))
      #expect(phases.contains { $0 > 2 })
    }
  }

  static let functions: [ActivationFunction] = [
    .linear, .relu(maximum: nil), .relu(maximum: 6), .leakyRelu(slope: 0.1), .logistic, .swish,
    .mish,
  ]

  static let residuals = [
    winograd_no_residual, winograd_residual_before, winograd_residual_after,
  ]

  @Test("Activations and residuals", arguments: widths, functions)
  func epilogues(lanes: Int, activation: ActivationFunction) {
    for residual in Self.residuals {
      let one = WinogradCase(
        lanes: lanes, vectors: (1, 2), size: (9, 14), activation: activation, residual: residual)
      let tensors = one.tensors(seed: 7)
      let ratio = one.errorRatio(of: one.computed(tensors).values, tensors)
      #expect(ratio <= 1, "\(residual)")
    }
  }

  /// The sums are nothing but the bias here.
  @Test("Activations of small and large numbers", arguments: widths, functions)
  func activationsAlone(lanes: Int, activation: ActivationFunction) {
    let one = WinogradCase(lanes: lanes, size: (4, 4), activation: activation)
    var tensors = one.tensors()
    tensors.weights = tensors.weights.map { _ in 0 }
    let ends: [Float] = [0, 1e-30, 1e-7, 80, 87.5, 104, 1e5, 1e30]
    let ranges = stride(from: Float(0), to: 90, by: 0.37)
    let numbers = (ends + ranges).flatMap { [$0, -$0] }
    for first in stride(from: 0, to: numbers.count, by: lanes) {
      let biases = numbers[first..<min(first + lanes, numbers.count)]
      tensors.biases = biases + Array(repeating: .nan, count: lanes - biases.count)
      let values = one.computed(tensors).values
      for (lane, x) in tensors.biases.enumerated() {
        let expected = activation.scalar(Double(x))
        let value = Double(values[lane])
        guard !x.isNaN else {
          #expect(value.isNaN)
          continue
        }
        // Three units in the last place; an exponential below e⁻⁸⁷ is 0, which is off by 88 e⁻⁸⁷ at most.
        let allowed = max(abs(expected) * 0x1p-22, 1.5e-36)
        #expect(abs(value - expected) <= allowed, "\(x): \(value), \(expected)")
      }
    }
  }

  @Test("Without vectors there is no kernel")
  func narrow() {
    #expect(winograd_lanes(0) == 0)
    #expect(winograd_lanes(7) == 0)
  }
}
