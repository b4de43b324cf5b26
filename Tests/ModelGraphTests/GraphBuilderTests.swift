import FileSupport
import TestSupport
import Testing

@testable import ModelGraph

struct GraphBuilderTests {
  @Test func nodesInOrder() throws {
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "input", shape: [3, 4, 4])
    builder.layer = LayerReference(index: 0, name: "layer", type: "activation")
    let active = try builder.add(Activation(.mish), name: "active", inputs: [input])
    let pooled = try builder.add(Reduce(.mean, axes: [1, 2]), name: "pooled", inputs: [active])
    let unused = try builder.add(Activation(.tanh), name: "unused", inputs: [active])
    builder.output(pooled, named: "output")
    let graph = builder.finish()
    #expect(graph.nodes.map(\.name) == ["input", "active", "pooled", "unused"])
    #expect(graph.nodes.map(\.shape) == [[3, 4, 4], [3, 4, 4], [3], [3, 4, 4]])
    #expect(graph.inputs == [Port(name: "input", node: input)])
    #expect(graph.outputs == [Port(name: "output", node: pooled)])
    #expect(graph.nodes[0].layer == nil)
    #expect(
      graph.nodes[active].layer == LayerReference(index: 0, name: "layer", type: "activation"))
    #expect(graph.reachable.map(\.id) == [input, active, pooled])
    #expect(!graph.reachable.contains { $0.id == unused })
  }

  @Test func unusedInputsAreInputsAllTheSame() throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let first = try builder.input(name: "a", shape: [4])
    let second = try builder.input(name: "b", shape: [5])
    builder.output(second, named: "output")
    #expect(builder.finish().reachable.map(\.id) == [first, second])
  }

  @Test func twoNodesOfOneNameAreAnError() throws {
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "x", shape: [3])
    let error = try failure {
      try builder.add(Activation(.tanh), name: "x", inputs: [input])
    }
    #expect(error.kind == .internalFault && error.found == "x")
    #expect(builder.finish().nodes.count == 1)
  }

  /// What the builder never makes is caught, whoever makes it.
  @Test func unsoundGraphsAreCaught() throws {
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "x", shape: [3])
    builder.output(try builder.add(Activation(.tanh), name: "y", inputs: [input]), named: "y")
    let sound = builder.finish()
    try sound.checkInvariants()
    func node(_ id: Int, _ name: String, inputs: [Int], shape: Shape) -> Node {
      Node(
        id: id, name: name, operation: Activation(.tanh), inputs: inputs, shape: shape, samples: 1,
        layer: nil)
    }
    for changed in [
      node(2, "y", inputs: [0], shape: [3]), node(1, "x", inputs: [0], shape: [3]),
      node(1, "y", inputs: [1], shape: [3]), node(1, "y", inputs: [0], shape: [4]),
    ] {
      var graph = sound
      graph.nodes[1] = changed
      #expect(try failure { try graph.checkInvariants() }.kind == .internalFault)
    }
    for port in [Port(name: "z", node: 2), Port(name: "y", node: 1)] {
      var graph = sound
      graph.inputs = [port]
      #expect(try failure { try graph.checkInvariants() }.kind == .internalFault)
    }
    var graph = sound
    graph.outputs = [Port(name: "y", node: -1)]
    #expect(try failure { try graph.checkInvariants() }.kind == .internalFault)
  }

  @Test func severalValuesOfOneNode() throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "x", shape: [4, 3])
    let cell = RecurrentCell(
      kind: .longShortTerm, kernel: Parameter("w", of: "y", role: .weights, shape: [8, 3]),
      stateKernel: Parameter("u", of: "y", role: .weights, shape: [8, 2]), biases: nil,
      activation: .tanh, gateActivation: .logistic)
    let node = try builder.add(Recurrence(cells: [cell]), name: "y", inputs: [input])
    let states = try builder.furtherValues(of: node)
    #expect(states.map { builder.shape(of: $0) } == [[2], [2]])
    #expect(states.map { builder.name(of: $0) } == ["y_value_1", "y_value_2"])
    #expect(try builder.furtherValues(of: input).isEmpty)
    builder.output(states[1], named: "memory")
    var graph = builder.finish()
    #expect(graph.reachable.map(\.id) == [input, node, states[1]])
    graph.nodes[states[0]] = Node(
      id: states[0], name: "y_value_1", operation: FurtherValue(position: 2, shape: [2]),
      inputs: [node], shape: [2], samples: 1, layer: nil)
    #expect(try failure { try graph.checkInvariants() }.kind == .internalFault)
  }

  @Test func anErrorNamesTheLayer() throws {
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "input", shape: [12])
    builder.layer = LayerReference(index: 7, name: "layer", type: "avgpool")
    let error = try failure {
      try builder.add(Reduce(.mean, axes: [1, 2]), name: "pooled", inputs: [input])
    }
    #expect(error.places == [.layer(index: 7, type: "avgpool")])
    #expect(builder.finish().nodes.count == 1)
  }

  @Test func parametersInGraphOrder() throws {
    func parameter(_ name: String, _ shape: Shape) -> Parameter {
      Parameter(name, of: "layer", role: .weights, shape: shape)
    }
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "input", shape: [12])
    let first = try builder.add(
      FullyConnected(weights: parameter("w0", [5, 12]), biases: parameter("b0", [5])),
      name: "first", inputs: [input])
    _ = try builder.add(
      BatchNormalization(
        divisor: .sumWithRoot(epsilon: 1e-6), scales: parameter("s", [5]), biases: nil,
        mean: parameter("m", [5]), variance: parameter("v", [5])),
      name: "second", inputs: [first])
    #expect(builder.finish().parameters.map(\.array) == ["w0", "b0", "s", "m", "v"])
    #expect(parameter("w", [1 << 40, 1 << 40]).view.elementCount == .max)
  }

  @Test func foldsAreCounted() throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [3, 4, 5])
    let fold = try builder.add(FoldIntoBatch(), name: "fold", inputs: [input])
    let inner = try builder.add(FoldIntoBatch(), name: "inner", inputs: [fold])
    let active = try builder.add(Activation(.tanh), name: "active", inputs: [inner])
    let whole = try builder.add(UnfoldFromBatch(count: 12), name: "whole", inputs: [active])
    #expect([input, fold, inner, active, whole].map(builder.samples) == [1, 3, 12, 12, 1])
    #expect(builder.shape(of: whole) == [12, 5])
    builder.layer = LayerReference(index: 2, name: "layer", type: "TimeDistributed")
    for count in [5, 0, -1] {
      let error = try failure {
        try builder.add(UnfoldFromBatch(count: count), name: "bad \(count)", inputs: [fold])
      }
      #expect(error.kind == .damaged)
      #expect(error.places == [.layer(index: 2, type: "TimeDistributed")])
    }
    let error = try failure {
      try builder.add(Elementwise(.sum), name: "mixed", inputs: [whole, active])
    }
    #expect(error.kind == .damaged)
    let huge = try builder.input(name: "huge", shape: [.max, .max])
    let first = try builder.add(FoldIntoBatch(), name: "first", inputs: [huge])
    let second = try builder.add(FoldIntoBatch(), name: "second", inputs: [first])
    #expect(builder.samples(of: second) == .max)
  }
}
