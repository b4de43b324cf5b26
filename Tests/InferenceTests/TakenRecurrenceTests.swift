import FileSupport
import ModelGraph
import Testing

@testable import Inference

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
