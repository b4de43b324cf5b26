import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

/// What the oneDNN engine makes of several operations together: fusion, forms of values, memory, threads. Single
/// operations are held against the reference engine wherever `value(of:on:)` computes one.
@Suite("oneDNN engine", .enabled(if: OneDNNLibrary.fault == nil))
struct OneDNNEngineTests {

  /// A random network of convolutions in both layouts: each value alone and all of them agree with the reference engine.
  @Test(arguments: 0..<24) func randomNetworks(_ seed: Int) throws {
    let graph = try RandomNetwork(seed: UInt64(seed)).graph()
    var noise = Noise(UInt64(seed) + 100)
    let port = graph.inputs[0].node
    let input = noise.tensor(Shape([2] + graph.nodes[port].shape.extents))
    let every = Set(graph.nodes.indices)
    let expected = try values(ReferenceEngine(), graph, input, every)
    for wanted in [every, Set(graph.outputs.map(\.node)), Set([graph.nodes.count / 2])] {
      for threads in [1, 3] {
        let engine = try #require(OneDNNEngine(threads: threads))
        let found = try values(engine, graph, input, wanted)
        #expect(found.keys.sorted() == wanted.sorted())
        for (node, tensor) in found {
          let error = scaledError([tensor], [try #require(expected[node])])
          // Errors of the values before it add up.
          let allowed = (0...node).reduce(0) { $0 + tolerance(of: graph.nodes[$1], in: graph) }
          #expect(error <= allowed, "\(graph.nodes[node].name): \(error) of \(allowed)")
        }
      }
    }
  }

  private func values(
    _ engine: some Engine, _ graph: Graph, _ input: Tensor, _ wanted: Set<Int>
  ) throws -> [Int: Tensor] {
    var result: [Int: Tensor] = [:]
    var order: [Int] = []
    try engine.run(graph, inputs: [input], wanting: wanted) { node, tensor in
      result[node.id] = tensor
      order.append(node.id)
    }
    #expect(order == order.sorted())
    return result
  }

  /// Every node is reported once, whatever is computed as one.
  @Test func reportsEveryNodeOnce() throws {
    let graph = try RandomNetwork(seed: 5).graph()
    var noise = Noise(1)
    let input = noise.tensor(Shape([1] + graph.nodes[0].shape.extents))
    var seen: [Int] = []
    let engine = try #require(OneDNNEngine())
    try engine.run(
      graph, inputs: [input], wanting: Set(graph.outputs.map(\.node)),
      onStep: { nodes, _ in seen += nodes.map(\.id) }, onValue: { _, _ in })
    #expect(
      seen.sorted() == Plan(graph, wanting: Set(graph.outputs.map(\.node))).steps.map(\.node.id))
  }

  /// One session serves several threads and sizes of batches at the same time.
  @Test func servesSeveralThreads() throws {
    let graph = try RandomNetwork(seed: 3).graph()
    var noise = Noise(2)
    let shape = graph.nodes[0].shape.extents
    let inputs = (0..<6).map { noise.tensor(Shape([1 + $0 % 3] + shape)) }
    let session = try #require(OneDNNEngine()).prepare(
      graph, wanting: Set(graph.outputs.map(\.node)))
    @Sendable func outputs(_ input: Tensor) -> [Tensor]? {
      var found: [Tensor] = []
      do {
        try session.run([input], onStep: { _, _ in }) { _, tensor in found.append(tensor) }
      } catch { return nil }
      return found
    }
    let alone = inputs.map(outputs)
    #expect(!alone.contains(nil))
    Threads.perform(24) { number in
      #expect(outputs(inputs[number % inputs.count]) == alone[number % inputs.count])
    }
  }

  /// oneDNN 2.6.3 takes another channel's number in a post-operation on values of one axis.
  @Test(arguments: [[5], [16], [5, 1], [4, 5]] as [[Int]])
  func normalizesByTheChannelsOwnNumbers(_ sample: [Int]) throws {
    var noise = Noise(4)
    let channels: Shape = [sample[sample.count - 1]]
    func parameter(_ role: ParameterRole, from least: Float) -> Parameter {
      Parameter(role, channels, noise.numbers(channels.elementCount).map { abs($0) + least })
    }
    let normalization = BatchNormalization(
      divisor: .rootOfSum(epsilon: 1e-3), scales: parameter(.scales, from: 1),
      biases: parameter(.biases, from: 0), mean: parameter(.rollingMean, from: 0),
      variance: parameter(.rollingVariance, from: 0.5))
    // Holds the engine against the reference engine.
    let x = noise.tensor(Shape([3] + sample))
    #expect(try value(of: normalization, on: [x], layout: .channelsLast).shape == x.shape)
  }

  /// Bands of a few rows, cut at images, at borders and between threads, give the bits of whole images.
  @Test(arguments: 0..<40) func computesBandByBand(_ seed: Int) throws {
    var state = SplitMix64(mixing: UInt64(seed))
    func pick<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: values.indices, using: &state)]
    }
    var noise = Noise(UInt64(seed))
    let (inputs, channels) = (pick([16, 24, 5]), pick([32, 48, 17]))
    let (side, kernel, stride) = (pick([6, 13, 24]), pick([3, 5]), pick([1, 2]))
    let layout: ImageLayout = pick([.channelsLast, .channelsFirst])
    var builder = GraphBuilder(layout: layout)
    var value = try builder.input(
      name: "input", shape: layout.shape(channels: inputs, spatial: [side, side + 3]))
    func add(_ operation: any ModelGraph.Operation) throws {
      value = try builder.add(operation, name: "node_\(value)", inputs: [value])
    }
    try add(
      Convolution(
        window: Window(size: [1, 1], strides: [1, 1], padding: [.none, .none]), groups: 1,
        weights: Parameter(.weights, [channels, inputs, 1, 1], noise.numbers(channels * inputs)),
        biases: Parameter(.biases, [channels], noise.numbers(channels))))
    try add(Activation(.relu(maximum: 6)))
    let padding = pick([
      Padding(before: kernel / 2, after: kernel / 2), Padding(before: 0, after: 1), .none,
    ])
    try add(
      Convolution(
        window: Window(
          size: [kernel, kernel], strides: [stride, stride], padding: [padding, padding]),
        groups: channels,
        weights: Parameter(
          .weights, [channels, 1, kernel, kernel], noise.numbers(channels * kernel * kernel)),
        biases: nil))
    try add(Activation(.leakyRelu(slope: 0.1)))
    builder.output(value, named: "output")
    let graph = builder.finish()
    let x = noise.tensor(Shape([pick([1, 3])] + graph.nodes[0].shape.extents))
    let whole = try #require(OneDNNEngine()).outputs(of: graph, inputs: [x])
    for threads in [1, 2, 5] {
      var steps = 0
      var found: [Tensor] = []
      try #require(OneDNNEngine.withNarrowBands(threads: threads)).run(
        graph, inputs: [x], wanting: [value],
        onStep: { nodes, _ in steps += nodes.isEmpty ? 0 : 1 },
        onValue: { found.append($1) })
      #expect(scaledError(found, whole) <= tolerance(of: graph.nodes[3], in: graph))
      // An input and the two convolutions as one, where channels come last in what oneDNN takes.
      #expect(steps == (OneDNNLibrary.lanes == 16 ? 2 : 3))
    }
  }

  /// Sums of the direct algorithm are closer to those in double precision than what Winograd's may be off by.
  @Test func sumsDirectlyIfAsked() throws {
    var noise = Noise(9)
    let weights = Parameter(.weights, [32, 32, 3, 3], noise.numbers(32 * 32 * 9))
    let window = Window(
      size: [3, 3], strides: [1, 1],
      padding: [Padding(before: 1, after: 1), Padding(before: 1, after: 1)])
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "input", shape: [32, 20, 20])
    builder.output(
      try builder.add(
        Convolution(window: window, groups: 1, weights: weights, biases: nil), name: "conv",
        inputs: [input]), named: "output")
    let graph = builder.finish()
    let x = noise.tensor([1, 32, 20, 20])
    let expected = try ReferenceEngine().outputs(of: graph, inputs: [x])
    let direct = try #require(OneDNNEngine(algorithms: .direct)).outputs(of: graph, inputs: [x])
    let fastest = try #require(OneDNNEngine(algorithms: .fastest)).outputs(of: graph, inputs: [x])
    #expect(direct != fastest)
    for result in [direct, fastest] {
      #expect(scaledError(result, expected) <= tolerance(of: graph.nodes[1], in: graph))
    }
  }
}

/// A network of convolutions, normalizations, activations, additions, concatenations, poolings, paddings, slices and
/// repetitions that look random.
struct RandomNetwork {
  let seed: UInt64

  func graph() throws -> Graph {
    var generator = Generator(state: SplitMix64(mixing: seed))
    return try generator.graph()
  }

  private struct Generator {
    var state: SplitMix64
    var noise = Noise(7)
    var count = 0

    mutating func pick<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: values.indices, using: &state)]
    }

    mutating func graph() throws -> Graph {
      let layout: ImageLayout = pick([.channelsFirst, .channelsLast])
      var builder = GraphBuilder(layout: layout)
      let side = pick([7, 8, 13])
      var values = [
        try builder.input(
          name: "input",
          shape: layout.shape(channels: pick([3, 16, 32]), spatial: [side, side + 1]))
      ]
      for _ in 0..<14 { values.append(try add(pick(values), values, &builder)) }
      builder.output(values[values.count - 1], named: "last")
      builder.output(pick(values), named: "other")
      return builder.finish()
    }

    private mutating func name(_ text: String) -> String {
      count += 1
      return "\(text)_\(count)"
    }

    private mutating func parameter(_ role: ParameterRole, _ shape: Shape, positive: Bool = false)
      -> Parameter
    {
      let scale = (2 / Float(max(shape.elementCount / shape.extents[0], 1))).squareRoot()
      let numbers = noise.numbers(shape.elementCount)
      return Parameter(
        role, shape, positive ? numbers.map { abs($0) + 0.5 } : numbers.map { $0 * 2 * scale })
    }

    private mutating func add(
      _ input: Int, _ values: [Int], _ builder: inout GraphBuilder
    ) throws -> Int {
      let layout = builder.layout
      let shape = builder.shape(of: input)
      let channels = layout.channels(of: shape)
      let spatial = layout.spatial(of: shape)
      switch pick(["conv", "conv", "conv", "sum", "concat", "pool", "slice", "repeat", "function"])
      {
      case "sum":
        let same = values.filter { builder.shape(of: $0) == shape }
        return try builder.add(Elementwise(.sum), name: name("sum"), inputs: [input, pick(same)])
      case "concat":
        let fitting = values.filter { layout.spatial(of: builder.shape(of: $0)) == spatial }
        return try builder.add(
          Concatenation(), name: name("concat"), inputs: [input, pick(fitting)])
      case "pool" where spatial.allSatisfy({ $0 > 3 }):
        let size = pick([2, 3])
        let window = Window(
          size: [size, size], strides: pick([[1, 1], [2, 2]]),
          padding: pick([
            [.none, .none], [Padding(before: 1, after: 1), Padding(before: 0, after: 1)],
          ]))
        return try builder.add(
          Pooling(pick([.maximum, .average]), window: window), name: name("pool"), inputs: [input])
      case "slice" where channels > 1:
        let half = channels / 2
        let part = Slice.Axis(start: pick([0, channels - half]), count: half)
        let others = spatial.map { Slice.Axis(start: 0, count: $0) }
        return try builder.add(
          Slice(axes: layout == .channelsFirst ? [part] + others : others + [part]),
          name: name("slice"), inputs: [input])
      case "repeat" where spatial.allSatisfy({ $0 < 9 }):
        return try builder.add(
          Repeat(counts: layout.shape(channels: 1, spatial: [2, 2]).extents), name: name("repeat"),
          inputs: [input])
      case "function":
        return try builder.add(
          Activation(pick([.logistic, .tanh, .leakyRelu(slope: 0.1), .softsign])),
          name: name("function"), inputs: [input])
      default: return try convolution(input, values, &builder)
      }
    }

    /// With what may follow it, or a border in front.
    private mutating func convolution(
      _ input: Int, _ values: [Int], _ builder: inout GraphBuilder
    ) throws -> Int {
      let layout = builder.layout
      var value = input
      let spatial = layout.spatial(of: builder.shape(of: input))
      let channels = layout.channels(of: builder.shape(of: input))
      let size = pick(spatial.allSatisfy { $0 > 2 } ? [1, 3, 3] : [1])
      if pick([false, false, true]) {
        let margins = [Padding(before: 1, after: 0), Padding(before: 1, after: 1)]
        value = try builder.add(
          Pad(margins: layout == .channelsFirst ? [.none] + margins : margins + [.none]),
          name: name("pad"), inputs: [value])
      }
      let isDepthwise = pick([false, false, false, true])
      let outputs = isDepthwise ? channels : pick([16, 32, 24, 5])
      let padding = Padding(before: size / 2, after: size / 2)
      let window = Window(
        size: [size, size], strides: pick([[1, 1], [1, 1], [2, 2]]), padding: [padding, padding])
      let hasBias = pick([true, false])
      value = try builder.add(
        Convolution(
          window: window, groups: isDepthwise ? channels : 1,
          weights: parameter(
            .weights, [outputs, isDepthwise ? 1 : channels, size, size]),
          biases: hasBias ? parameter(.biases, [outputs]) : nil), name: name("conv"),
        inputs: [value])
      if pick([true, false]) {
        value = try builder.add(
          BatchNormalization(
            divisor: pick([.rootOfSum(epsilon: 1e-3), .sumWithRoot(epsilon: 1e-6)]),
            scales: parameter(.scales, [outputs], positive: true),
            biases: parameter(.biases, [outputs]), mean: parameter(.rollingMean, [outputs]),
            variance: parameter(.rollingVariance, [outputs], positive: true)),
          name: name("norm"), inputs: [value])
      }
      let functions: [ActivationFunction] = [
        .leakyRelu(slope: 0.1), .mish, .swish, .relu(maximum: 6), .relu(maximum: nil),
        .elu(alpha: 1),
      ]
      if pick([true, false]) {
        value = try builder.add(
          Activation(pick(functions)), name: name("act"), inputs: [value])
      }
      let same = values.filter { builder.shape(of: $0) == builder.shape(of: value) }
      if !same.isEmpty, pick([true, false]) {
        value = try builder.add(
          Elementwise(.sum), name: name("residual"),
          inputs: pick([[value, same[0]], [same[0], value]]))
        if pick([true, false]) {
          value = try builder.add(
            Activation(pick(functions)), name: name("act"), inputs: [value])
        }
      }
      return value
    }
  }
}
