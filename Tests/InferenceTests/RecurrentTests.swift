import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

@Suite struct RecurrentTests {
  /// A unit of one number: `σ(w x + b)`.
  private func unit(
    _ weight: Float, _ bias: Float = 0, _ activation: ActivationFunction = .linear
  ) -> DenseUnit {
    DenseUnit(
      product: FullyConnected(
        weights: Parameter(.weights, [1, 1], [weight]), biases: Parameter(.biases, [1], [bias])),
      normalization: nil, activation: activation)
  }

  private func gate(_ state: Float, _ input: Float, _ bias: Float = 0) -> RecurrentGate {
    RecurrentGate(ofState: unit(state), ofInput: unit(input, bias))
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test func stateIsCarriedThroughEachSequence() throws {
    let layer = SimpleRecurrence<FullyConnected>(
      input: unit(1), recurrence: unit(0.5), output: unit(10), keepsState: false, timeSteps: 3)
    // Two sequences beside each other: 1, 0, 4 and 2, 2, 2.
    let input = Tensor(shape: [6, 1], values: [1, 2, 0, 2, 4, 2])
    #expect(try value(of: layer, on: [input]).values == [10, 20, 5, 30, 42.5, 35])
    let kept = SimpleRecurrence<FullyConnected>(
      input: unit(1), recurrence: unit(0.5), output: unit(10), keepsState: true, timeSteps: 3)
    #expect(try value(of: kept, on: [input]).values == [10, 20, 15, 50, 62.5, 95])
  }

  @Test func halfASequenceIsRefused() throws {
    let layer = SimpleRecurrence<FullyConnected>(
      input: unit(1), recurrence: unit(1), output: unit(1), keepsState: false, timeSteps: 3)
    let error = #expect(throws: ModelFileError.self) {
      _ = try value(of: layer, on: [Tensor(shape: [4, 1], values: [1, 2, 3, 4])])
    }
    #expect(error?.places == [.layer(index: 0, type: "test")])
  }

  @Test func gatedUnit() throws {
    let layer = GatedRecurrence(
      update: gate(0.5, 1), reset: gate(1, -1), candidate: gate(2, 1, 0.25),
      candidateActivation: .tanh, timeSteps: 2)
    var h = 0.0
    var expected: [Double] = []
    for x in [0.5, -1] {
      let z = logistic(0.5 * h + x)
      let r = logistic(h - x)
      h = z * h + (1 - z) * tanh(2 * r * h + x + 0.25)
      expected.append(h)
    }
    let input = Tensor(shape: [2, 1], values: [0.5, -1])
    #expect(agree(try value(of: layer, on: [input]).values, expected))
  }

  @Test func longShortTermMemory() throws {
    let layer = LongShortTermMemory(
      forget: gate(1, 0.5), input: gate(-1, 2), candidate: gate(0.5, 1), output: gate(2, -1),
      timeSteps: 2)
    var (h, c) = (0.0, 0.0)
    var expected: [Double] = []
    for x in [0.5, -1] {
      let f = logistic(h + 0.5 * x)
      let i = logistic(-h + 2 * x)
      let o = logistic(2 * h - x)
      c = f * c + i * tanh(0.5 * h + x)
      h = o * tanh(c)
      expected.append(h)
    }
    let input = Tensor(shape: [2, 1], values: [0.5, -1])
    #expect(agree(try value(of: layer, on: [input]).values, expected))
  }

  @Test func historyShowsTheNewestFirst() throws {
    let input = Tensor(shape: [3, 1, 1, 1], values: [1, 2, 3])
    #expect(
      try value(of: History(frames: 3, timeSteps: 3), on: [input]).values
        == [1, 0, 0, 2, 1, 0, 3, 2, 1])
  }

  @Test func memoryOfImagesCutsItsCellAfterTheState() throws {
    func convolution(_ weight: Float) -> ConvolutionUnit {
      let none = Padding(before: 0, after: 0)
      return ConvolutionUnit(
        product: Convolution(
          window: Window(size: [1, 1], strides: [1, 1], padding: [none, none]), groups: 1,
          weights: Parameter(.weights, [1, 1, 1, 1], [weight]),
          biases: Parameter(.biases, [1], [0])),
        normalization: nil, activation: .linear)
    }
    func gates(_ f: Float, _ i: Float, _ g: Float, _ o: Float) -> ConvLSTM.Gates {
      ConvLSTM.Gates(
        forget: convolution(f), input: convolution(i), candidate: convolution(g),
        output: convolution(o))
    }
    let layer = ConvLSTM(
      input: gates(1, 2, 3, 4), recurrence: .gates(gates(0.5, 1, -1, 2)),
      peepholes: ConvLSTM.Peepholes(
        forget: convolution(0.1), input: convolution(0.2), output: convolution(0.3)),
      cellActivation: .tanh, stateLimit: 0.25, addsBottleneck: false, timeSteps: 2)
    var (h, c) = (0.0, 0.0)
    var expected: [Double] = []
    for x in [0.5, 0.25] {
      let f = logistic(0.5 * h + x + 0.1 * c)
      let i = logistic(h + 2 * x + 0.2 * c)
      c = f * c + i * tanh(-h + 3 * x)
      let o = logistic(2 * h + 4 * x + 0.3 * c)
      h = o * tanh(c)
      c = min(max(c, -0.25), 0.25)
      expected.append(h)
    }
    let input = Tensor(shape: [2, 1, 1, 1], values: [0.5, 0.25])
    #expect(agree(try value(of: layer, on: [input]).values, expected))
  }
}
