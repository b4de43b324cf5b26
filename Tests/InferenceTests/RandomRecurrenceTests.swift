import FileSupport
import Inference
import ModelGraph
import Testing

/// Recurrences that look random: the oneDNN engine agrees with the reference engine, which `values(of:on:)` checks.
///
/// Weights are of the size of `1 / √(numbers summed)`, as those of Keras and darknet are at first: larger ones make a
/// recurrence in which any rounding grows from step to step.
@Suite("random recurrences", .enabled(if: OneDNNLibrary.fault == nil))
struct RandomRecurrenceTests {
  /// Vectors: sizes, stacks, masks, both directions, states that are given and returned.
  @Test(arguments: 0..<32) func vectors(_ seed: Int) throws {
    var layer = RandomRecurrence(seed: UInt64(seed))
    let channels = layer.pick([1, 3, 16, 37])
    var cells: [RecurrentCell] = []
    for _ in 0..<layer.pick([1, 1, 2, 3]) {
      cells.append(
        layer.cell(
          layer.pick([
            .simple, .gated(resetsAfter: true), .gated(resetsAfter: false), .longShortTerm,
          ]), in: cells.last?.units ?? channels, units: layer.pick([1, 5, 16, 33])))
    }
    try layer.check(cells, step: [channels])
  }

  /// Images of one axis to three, in both layouts.
  @Test(arguments: 0..<16) func images(_ seed: Int) throws {
    var layer = RandomRecurrence(seed: UInt64(seed) + 100)
    let channels = layer.pick([1, 3, 16])
    let spatial = layer.pick([[9], [5, 6], [6, 5], [3, 4, 3]])
    let window = Window(
      size: spatial.map { _ in layer.pick([1, 2, 3]) }, strides: spatial.map { _ in 1 },
      padding: spatial.map { _ in Padding(before: layer.pick([0, 1]), after: 1) })
    let layout: ImageLayout = layer.pick([.channelsFirst, .channelsLast])
    let cells = [
      layer.cell(.longShortTerm, in: channels, units: layer.pick([1, 4, 16]), window: window)
    ]
    try layer.check(
      cells, step: layout.shape(channels: channels, spatial: spatial).extents, layout)
  }

  /// More numbers than are in work at a time: three blocks of steps, of which the last is shorter.
  @Test func blocksOfSteps() throws {
    var layer = RandomRecurrence(seed: 7)
    let window = Window(size: [1, 1], strides: [1, 1], padding: [.none, .none])
    let cell = layer.cell(.longShortTerm, in: 1, units: 3, window: window)
    let sequence = layer.noise.tensor([1, 35, 60, 60, 1])
    for goesBackwards in [false, true] {
      _ = try values(
        of: Recurrence(cells: [cell], goesBackwards: goesBackwards, returnsSequences: true),
        on: [sequence], layout: .channelsLast)
    }
  }

  /// darknet's layers of vectors.
  @Test(arguments: 0..<24) func darknetVectors(_ seed: Int) throws {
    var layer = RandomRecurrence(seed: UInt64(seed) + 200)
    let (inputs, units) = (layer.pick([1, 6, 16]), layer.pick([1, 5, 16, 33]))
    let timeSteps = layer.pick([1, 3, 7])
    let isNormalized = layer.pick([true, false])
    let function: ActivationFunction = layer.pick([.logistic, .leakyRelu(slope: 0.1), .stair])
    func unit(_ inputs: Int, _ outputs: Int, _ function: ActivationFunction = .linear) -> DenseUnit
    {
      DenseUnit(
        product: FullyConnected(
          weights: layer.weights([outputs, inputs]),
          biases: isNormalized ? nil : layer.numbers(outputs)),
        normalization: isNormalized ? layer.normalization(outputs) : nil, activation: function)
    }
    func gate() -> RecurrentGate {
      RecurrentGate(ofState: unit(units, units), ofInput: unit(inputs, units))
    }
    let operations: [any Operation] = [
      SimpleRecurrence<FullyConnected>(
        input: unit(inputs, units, function), recurrence: unit(units, units, function),
        output: unit(units, 4, function), keepsState: layer.pick([true, false]),
        timeSteps: timeSteps),
      GatedRecurrence(
        update: gate(), reset: gate(), candidate: gate(),
        candidateActivation: layer.pick([.logistic, .tanh]), timeSteps: timeSteps),
      LongShortTermMemory(
        forget: gate(), input: gate(), candidate: gate(), output: gate(), timeSteps: timeSteps),
    ]
    let input = layer.noise.tensor([timeSteps * layer.pick([1, 2, 9]), inputs])
    for operation in operations {
      for threads in [1, 3] { _ = try value(of: operation, on: [input], threads: threads) }
    }
  }

  /// darknet's layers of images, whose channels come first; groups, peepholes and a bottleneck are the reference engine's.
  @Test(arguments: 0..<16) func darknetImages(_ seed: Int) throws {
    var layer = RandomRecurrence(seed: UInt64(seed) + 300)
    let (inputs, units) = (layer.pick([2, 4, 16]), layer.pick([2, 4, 16]))
    let timeSteps = layer.pick([1, 3])
    let isNormalized = layer.pick([true, false])
    let function: ActivationFunction = layer.pick([.linear, .leakyRelu(slope: 0.1), .logistic])
    let groups = layer.pick([1, 1, 1, 2])
    let around = Padding(before: 1, after: 1)
    func unit(_ inputs: Int, _ outputs: Int) -> ConvolutionUnit {
      ConvolutionUnit(
        product: Convolution(
          window: Window(size: [3, 3], strides: [1, 1], padding: [around, around]),
          groups: groups, weights: layer.weights([outputs, inputs / groups, 3, 3]),
          biases: isNormalized ? nil : layer.numbers(outputs)),
        normalization: isNormalized ? layer.normalization(outputs) : nil, activation: function)
    }
    func gates(_ inputs: Int) -> ConvLSTM.Gates {
      ConvLSTM.Gates(
        forget: unit(inputs, units), input: unit(inputs, units), candidate: unit(inputs, units),
        output: unit(inputs, units))
    }
    let hasPeepholes = layer.pick([false, false, true])
    let operations: [any Operation] = [
      SimpleRecurrence<Convolution>(
        input: unit(inputs, units), recurrence: unit(units, units), output: unit(units, 6),
        keepsState: layer.pick([true, false]), timeSteps: timeSteps),
      ConvLSTM(
        input: gates(inputs), recurrence: .gates(gates(units)),
        peepholes: hasPeepholes
          ? ConvLSTM.Peepholes(
            forget: unit(units, units), input: unit(units, units), output: unit(units, units))
          : nil, cellActivation: layer.pick([.tanh, .leakyRelu(slope: 0.1)]),
        stateLimit: layer.pick([nil, 0.25]), addsBottleneck: false, timeSteps: timeSteps),
    ]
    let input = layer.noise.tensor([timeSteps * layer.pick([1, 3]), inputs, 5, 6])
    for operation in operations {
      for threads in [1, 3] { _ = try value(of: operation, on: [input], threads: threads) }
    }
  }
}
