import FileSupport
import ModelGraph
import Testing

@testable import Inference

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

  /// darknet's layers of images; groups, peepholes and a bottleneck are the reference engine's.
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
    let layout: ImageLayout = layer.pick([.channelsFirst, .channelsLast])
    let input = layer.noise.tensor(
      Shape(
        [timeSteps * layer.pick([1, 3])]
          + layout.shape(channels: inputs, spatial: [5, 6]).extents))
    for operation in operations {
      for threads in [1, 3] {
        _ = try value(of: operation, on: [input], layout: layout, threads: threads)
      }
    }
  }
}

/// Which recurrences oneDNN computes, and which are left to the reference kernels.
@Suite("recurrences of oneDNN", .enabled(if: OneDNNLibrary.fault == nil))
struct TakenRecurrenceTests {
  private func isTaken(
    _ operation: some Operation, on shapes: [Shape], batch: Int = 6,
    _ layout: ImageLayout = .channelsFirst
  ) throws -> Bool {
    var builder = GraphBuilder(layout: layout)
    var inputs: [Int] = []
    for (number, shape) in shapes.enumerated() {
      inputs.append(try builder.input(name: "input\(number)", shape: shape))
    }
    let node = try builder.add(operation, name: "operation", inputs: inputs)
    let graph = builder.finish()
    let options = OneDNNEngine.Options(threads: 1, algorithms: .fastest)
    let plan = PlanBuilder(graph, batch: batch, options)
    for input in inputs { _ = try plan.newValue(of: graph.nodes[input]) }
    let kernel = try #require(graph.nodes[node].operation as? any OneDNNKernel)
    return try kernel.build(NodeGroup(graph.nodes[node]), plan)
  }

  @Test func kerasCells() throws {
    var layer = RandomRecurrence(seed: 1)
    let around = Padding(before: 1, after: 1)
    for _ in 0..<16 {
      for kind in [
        RecurrentCell.Kind.simple, .gated(resetsAfter: true), .gated(resetsAfter: false),
        .longShortTerm,
      ] {
        let cell = layer.cell(kind, in: 3, units: 5)
        #expect(
          try isTaken(Recurrence(cells: [cell], hasMask: true), on: [[4, 3], [4]]), "\(cell)")
      }
      let cell = layer.cell(
        .longShortTerm, in: 3, units: 5,
        window: Window(size: [3, 3], strides: [2, 2], padding: [around, around]))
      for layout in [ImageLayout.channelsFirst, .channelsLast] {
        let step = layout.shape(channels: 3, spatial: [6, 7]).extents
        #expect(
          try isTaken(Recurrence(cells: [cell]), on: [Shape([4] + step)], layout), "\(cell)")
      }
    }
  }

  @Test func darknetLayers() throws {
    var layer = RandomRecurrence(seed: 2)
    func dense(_ inputs: Int, _ function: ActivationFunction = .linear) -> DenseUnit {
      DenseUnit(
        product: FullyConnected(weights: layer.weights([5, inputs]), biases: layer.numbers(5)),
        normalization: nil, activation: function)
    }
    func gate() -> RecurrentGate { RecurrentGate(ofState: dense(5), ofInput: dense(3)) }
    #expect(
      try isTaken(
        GatedRecurrence(
          update: gate(), reset: gate(), candidate: gate(), candidateActivation: .logistic,
          timeSteps: 3), on: [[3]]))
    #expect(
      try isTaken(
        LongShortTermMemory(
          forget: gate(), input: gate(), candidate: gate(), output: gate(), timeSteps: 3),
        on: [[3]]))
    func simple(_ function: ActivationFunction) -> SimpleRecurrence<FullyConnected> {
      SimpleRecurrence<FullyConnected>(
        input: dense(3, function), recurrence: dense(5, function), output: dense(5, function),
        keepsState: false, timeSteps: 3)
    }
    #expect(try isTaken(simple(.logistic), on: [[3]]))
    #expect(try isTaken(simple(.leakyRelu(slope: 0.1)), on: [[3]]))
    #expect(try !isTaken(simple(.stair), on: [[3]]))

    let around = Padding(before: 1, after: 1)
    func unit(_ inputs: Int, groups: Int) -> ConvolutionUnit {
      ConvolutionUnit(
        product: Convolution(
          window: Window(size: [3, 3], strides: [1, 1], padding: [around, around]),
          groups: groups, weights: layer.weights([4, inputs / groups, 3, 3]),
          biases: layer.numbers(4)), normalization: nil, activation: .linear)
    }
    func gates(groups: Int) -> ConvLSTM.Gates {
      ConvLSTM.Gates(
        forget: unit(4, groups: groups), input: unit(4, groups: groups),
        candidate: unit(4, groups: groups), output: unit(4, groups: groups))
    }
    for groups in [1, 2] {
      #expect(
        try isTaken(
          SimpleRecurrence<Convolution>(
            input: unit(4, groups: groups), recurrence: unit(4, groups: groups),
            output: unit(4, groups: groups), keepsState: false, timeSteps: 3), on: [[4, 5, 6]])
          == (groups == 1))
      for hasPeepholes in [false, true] {
        let peepholes = ConvLSTM.Peepholes(
          forget: unit(4, groups: groups), input: unit(4, groups: groups),
          output: unit(4, groups: groups))
        #expect(
          try isTaken(
            ConvLSTM(
              input: gates(groups: groups), recurrence: .gates(gates(groups: groups)),
              peepholes: hasPeepholes ? peepholes : nil, cellActivation: .tanh, stateLimit: 32,
              addsBottleneck: false, timeSteps: 3), on: [[4, 5, 6]])
            == (groups == 1 && !hasPeepholes))
      }
    }
  }
}

/// What a random recurrence is made of.
private struct RandomRecurrence {
  private var state: SplitMix64
  var noise: Noise

  init(seed: UInt64) {
    state = SplitMix64(mixing: seed)
    noise = Noise(seed)
  }

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &state)]
  }

  mutating func weights(_ shape: Shape) -> Parameter {
    let scale = 1 / Float(shape.extents.dropFirst().reduce(1, *)).squareRoot()
    return Parameter(.weights, shape, noise.numbers(shape.elementCount).map { $0 * scale })
  }

  mutating func numbers(
    _ count: Int, _ role: ParameterRole = .biases, from least: Float? = nil
  ) -> Parameter {
    let numbers = noise.numbers(count)
    return Parameter(
      role, [count], least.map { least in numbers.map { abs($0) + least } } ?? numbers)
  }

  mutating func normalization(_ channels: Int) -> BatchNormalization {
    BatchNormalization(
      divisor: .sumWithRoot(epsilon: 1e-6), scales: numbers(channels, .scales, from: 0.5),
      biases: numbers(channels), mean: numbers(channels, .rollingMean),
      variance: numbers(channels, .rollingVariance, from: 0.75))
  }

  mutating func cell(
    _ kind: RecurrentCell.Kind, in inputs: Int, units: Int, window: Window? = nil
  ) -> RecurrentCell {
    let rows = units * kind.gates
    let size = window?.size ?? []
    let hasBiases = pick([true, true, false])
    return RecurrentCell(
      kind: kind, product: window.map { .convolution(input: $0) } ?? .matrix,
      kernel: weights(Shape([rows, inputs] + size)),
      stateKernel: weights(Shape([rows, units] + size)), biases: hasBiases ? numbers(rows) : nil,
      stateBiases: hasBiases && kind == .gated(resetsAfter: true) ? numbers(rows) : nil,
      activation: pick([.tanh, .tanh, .relu(maximum: nil), .softsign, .logSoftmax]),
      // The second is Keras's hard_sigmoid.
      gateActivation: pick([
        .logistic, .leakyStep(scale: 0.2, offset: 0.5, slope: 0), .softsign,
      ]))
  }

  /// Runs cells over sequences of any length, with any options.
  mutating func check(
    _ cells: [RecurrentCell], step: [Int], _ layout: ImageLayout = .channelsLast
  ) throws {
    let (batch, steps) = (pick([1, 2, 4, 9]), pick([1, 2, 5, 12]))
    let (hasMask, givesStates) = (pick([true, false]), pick([true, false]))
    let layer = Recurrence(
      cells: cells, goesBackwards: pick([true, false]), returnsSequences: pick([true, false]),
      hasMask: hasMask, zeroesMasked: pick([true, false]),
      initialStates: givesStates ? cells.reduce(0) { $0 + $1.kind.states } : 0)
    var inputs = [noise.tensor(Shape([batch, steps] + step))]
    let shapes = try layer.furtherShapes(of: [inputs[0].sample], layout: layout)
    if hasMask {
      inputs.append(
        Tensor(
          shape: [batch, steps], values: noise.numbers(batch * steps).map { $0 > -0.5 ? 1 : 0 }))
    }
    if givesStates {
      for shape in shapes { inputs.append(noise.tensor(Shape([batch] + shape.extents))) }
    }
    for threads in [1, 3] {
      _ = try values(of: layer, on: inputs, layout: layout, threads: threads)
    }
  }
}
