import FileSupport
import ModelGraph

/// An operation with a state, written out as operations without one.
protocol Unrollable: RecurrentOperation {
  /// Adds what one step computes.
  ///
  /// - Parameters:
  ///   - x: the step's input.
  ///   - states: the states before; `nil` in the first step, which begins with zeros.
  ///   - steps: where the operations go.
  /// - Returns: the step's value, and the states after it.
  /// - Throws: `ModelFileError` of kind `unsupported` if there are no such operations.
  func unroll(
    _ x: Int, _ states: [Int]?, in steps: inout Unrolling
  ) throws(ModelFileError) -> (value: Int, states: [Int])
}

/// A graph with recurrences, written out step after step.
///
/// darknet has the steps of a sequence as samples, one after the other, and Keras's cells compute something else than
/// most of darknet's. So the Keras model takes sequences, `[T, …]`; every layer of it is called once for each step, and
/// the states go from call to call.
struct Unrolling {
  /// The steps one after the other: each has all operations of the graph, with operations of their own in place of the
  /// recurrences.
  private(set) var graph: Graph
  /// Steps of a sequence.
  let steps: Int
  private var builder = GraphBuilder(layout: .channelsFirst)
  /// The nodes of each node of the graph that was written out, one for each step.
  private var places: [Int: [Int]] = [:]
  /// The node of the first step that a node repeats.
  private var firsts: [Int: Int] = [:]
  /// The step that an input is of.
  private var stepsOfInputs: [Int: Int] = [:]
  /// What the node at work becomes in the first step.
  private var parts: [Int: [Int]] = [:]
  private var node: Node?
  private var next = 0
  private var step = 0

  /// Writes a graph out.
  ///
  /// - Returns: `nil` if it has no recurrences.
  /// - Throws: `ModelFileError` of kind `unsupported` if one has no other form.
  init?(_ graph: Graph) throws(ModelFileError) {
    let counts = graph.reachable.compactMap { ($0.operation as? any RecurrentOperation)?.timeSteps }
    guard let first = counts.first, counts.allSatisfy({ $0 == first }) else { return nil }
    steps = first
    self.graph = graph
    guard steps <= Self.mostSteps else {
      throw Self.tooLong("\(steps) time steps", expected: "at most \(Self.mostSteps)")
        .at(graph.reachable.first { $0.operation is any RecurrentOperation }?.layer?.places ?? [])
    }
    var states: [Int: [Int]] = [:]
    for step in 0..<steps {
      self.step = step
      for node in graph.reachable {
        builder.layer = node.layer
        self.node = node
        next = 0
        let place: Int
        if node.operation is Input {
          place = try builder.input(name: builder.unusedName(node.name), shape: node.shape)
          stepsOfInputs[place] = step
        } else if let recurrence = node.operation as? any Unrollable {
          (place, states[node.id]) = try recurrence.unroll(
            try value(of: node.inputs[0]), states[node.id], in: &self)
        } else {
          var inputs: [Int] = []
          for input in node.inputs { inputs.append(try value(of: input)) }
          place = try add(node.operation, on: inputs, suffix: nil)
        }
        places[node.id, default: []].append(place)
      }
    }
    for port in graph.outputs {
      for node in places[port.node] ?? [] {
        builder.output(node, named: port.name)
      }
    }
    self.graph = builder.finish()
  }

  private func value(of node: Int) throws(ModelFileError) -> Int {
    guard let place = places[node]?.last, places[node]?.count == step + 1 else {
      throw ModelFileError(.internalFault, "node \(node) is needed before it is there")
    }
    return place
  }

  /// The nodes that a node of the graph has become, step by step.
  func nodes(of node: Int) -> [Int] { places[node] ?? [] }

  /// The node of the first step whose layers compute a node; itself if there is none.
  func first(of node: Int) -> Int { firsts[node] ?? node }

  // MARK: Writing out

  /// Adds an operation of the node at work.
  ///
  /// - Parameter suffix: what its name has behind the node's, `nil` for nothing: the last one of a node.
  mutating func add(
    _ operation: some Operation, on inputs: [Int], suffix: String?
  ) throws(ModelFileError) -> Int {
    guard let node else { throw ModelFileError(.internalFault, "there is no node at work") }
    let name = node.name + (suffix.map { "_\($0)" } ?? "")
    let place = try builder.add(operation, name: builder.unusedName(name), inputs: inputs)
    if step == 0 {
      parts[node.id, default: []].append(place)
    } else if let known = parts[node.id], known.indices.contains(next) {
      firsts[place] = known[next]
      next += 1
    }
    return place
  }

  /// A state, or zeros of the shape of a value, which only the first step has.
  mutating func zeros(unless state: Int?, like value: Int) throws(ModelFileError) -> Int {
    if let state { return state }
    guard let node else { throw ModelFileError(.internalFault, "there is no node at work") }
    return try builder.add(
      Zeros(), name: builder.unusedName("\(node.name)_zeros"), inputs: [value])
  }

  // MARK: Sequences

  /// A step's value out of the sequence that the model takes.
  func step(of context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let shape = KerasRaising.kerasShape(context.node.shape)
    let count = shape.elementCount
    let step = stepsOfInputs[context.node.id] ?? 0
    let builder = context.builder
    let name = graph.nodes[graph.inputs[0].node].name
    let known = builder.layers.first { $0.layerClass is KerasLayers.InputLayer }
    let sequence = Shape([steps] + shape.extents)
    let input: KerasTensor
    if let known {
      input = KerasTensor(layer: known.name, shape: sequence)
    } else {
      input = try builder.add(
        KerasLayers.InputLayer(shape: sequence), named: context.name, on: [], source: nil)
    }
    let rows = try builder.add(
      KerasLayers.Reshape([steps, 1, count]), named: builder.freeName("\(name)_steps"),
      on: [input], source: nil)
    let margins = [Padding(before: step, after: steps - 1 - step), .none]
    let row = try builder.add(
      KerasLayers.Cropping2D(margins), named: builder.freeName("\(name)_step"), on: [rows],
      source: nil)
    return try builder.add(
      KerasLayers.Reshape(shape.extents), named: builder.freeName("\(name)_value"), on: [row],
      source: nil)
  }

  /// The values of all steps as a sequence.
  func joined(
    _ values: [KerasTensor], of node: Node, _ builder: KerasModelBuilder
  ) throws(ModelFileError) -> KerasTensor {
    let name = builder.name(of: graph.nodes[places[node.id]?.first ?? 0])
    var rows: [KerasTensor] = []
    for value in values {
      rows.append(
        try builder.add(
          KerasLayers.Reshape([1] + value.shape.extents),
          named: builder.freeName("\(name)_row"), on: [value], source: node.layer))
    }
    return try builder.add(
      KerasLayers.Concatenate(axis: 1), named: builder.freeName("\(name)_sequence"), on: rows,
      source: node.layer)
  }

  // MARK: Limits

  /// Keras goes through a model by recursion, of which Python allows 1000 levels.
  private static let mostSteps = 128
  private static let greatestDepth = 700

  /// Refuses a model that Keras could not load.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported`.
  func checkDepth(_ depth: Int, places: KerasRaising.Placing) throws(ModelFileError) {
    guard depth > Self.greatestDepth else { return }
    let node = graph.reachable.first { parts[$0.id] != nil } ?? graph.nodes[0]
    throw Self.tooLong(
      "\(steps) time steps, \(depth) calls in a row", expected: "at most \(Self.greatestDepth)"
    ).at(places(node))
  }

  private static func tooLong(_ found: String, expected: String) -> ModelFileError {
    ModelFileError(
      .unsupported, at: [.option("time_steps")],
      "a Keras model of so many steps one after the other could not be loaded",
      expected: expected, found: found,
      remedy: "lower time_steps in the cfg: the weights do not depend on it")
  }
}
