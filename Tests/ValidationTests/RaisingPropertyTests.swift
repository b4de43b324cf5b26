import Darknet
import FileSupport
import HDF5
import Inference
import Keras
import ModelGraph
import TestSupport
import Testing

@testable import Validation

/// What a format makes of a graph is read back as the same graph, and computes the same numbers: for each section
/// of darknet's that has an operation of its own, and for what comes from Keras alone.
struct RaisingPropertyTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  /// What becomes of a graph that is written in a format and read again.
  enum Outcome: Sendable {
    /// The same operations with the same options, wired in the same way, and the same numbers.
    case same
    /// Others, which compute the same numbers.
    case equivalent
    /// Others, which compute the same numbers, and not all of which are layers by themselves.
    case composed
    /// No layers compute it.
    case refused
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let cfg: String
    let darknet: Outcome
    let keras: Outcome
    let dialect: Dialect
    var testDescription: String { cfg.split(separator: "\n").joined(separator: " ") }

    init(
      _ cfg: String, darknet: Outcome = .same, keras: Outcome = .same,
      _ dialect: Dialect = .alexeyab
    ) {
      self.cfg = cfg
      self.darknet = darknet
      self.keras = keras
      self.dialect = dialect
    }
  }

  private static let conv = "[convolutional]\nfilters=4\nsize=1\nactivation=linear\n"

  private static func weighted(_ type: String, _ normalization: String) -> Case {
    Case(
      conv + conv + conv
        + "[shortcut]\nfrom=-2,-3\nweights_type=\(type)\nweights_normalization=\(normalization)\n"
        + "activation=linear\n", darknet: .refused, keras: .composed)
  }

  /// A shortcut to an image of other extents.
  private static func sampled(from size: String, _ factors: String) -> Case {
    Case(
      "[convolutional]\nfilters=2\nsize=1\n\(size)\nactivation=linear\n"
        + "[convolutional]\nfilters=5\nsize=1\nstride=2\nactivation=linear\n"
        + "[upsample]\nstride=2\n[shortcut]\nfrom=0\n\(factors)\nactivation=linear\n",
      darknet: .refused, keras: .equivalent, .pjreddie)
  }

  static let cases: [Case] = [
    Case("[convolutional]\nfilters=6\nsize=3\nstride=1\npad=1\nactivation=leaky\n"),
    Case("[convolutional]\nbatch_normalize=1\nfilters=6\nsize=3\npad=1\nactivation=mish\n"),
    Case("[convolutional]\nfilters=6\nsize=3\ngroups=3\npad=1\nactivation=linear\n"),
    Case("[convolutional]\nfilters=6\nsize=3\nstride=2\nactivation=relu\n"),
    Case(
      "[convolutional]\nfilters=6\nsize=3\nstride=2\npad=1\nactivation=relu\n", keras: .equivalent),
    Case(
      "[convolutional]\nbatch_normalize=1\nfilters=6\nsize=1\nactivation=logistic\n",
      keras: .equivalent, .pjreddie),
    Case(
      "[deconvolutional]\nfilters=5\nsize=2\nstride=2\nactivation=linear\n",
      darknet: .equivalent, .pjreddie),
    // Keras takes the elements of an image in another order, and the columns of the matrix with them.
    Case("[connected]\noutput=7\nactivation=logistic\n", keras: .equivalent),
    Case(
      conv + "[connected]\nbatch_normalize=1\noutput=7\nactivation=linear\n", keras: .equivalent),
    Case("[batchnorm]\n"),
    Case("[maxpool]\nsize=2\nstride=2\n"),
    Case("[maxpool]\nsize=3\nstride=1\n"),
    Case("[local_avgpool]\nsize=2\nstride=2\n"),
    Case("[avgpool]\n"),
    Case("[upsample]\nstride=2\n"),
    Case("[upsample]\nstride=2\nscale=0.5\n", darknet: .equivalent),
    Case("[upsample]\nstride=-2\n", darknet: .refused, keras: .equivalent),
    Case(conv + conv + "[route]\nlayers=-1,-2\n"),
    Case(conv + "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n"),
    Case(conv + conv + "[shortcut]\nfrom=-2\nactivation=relu\n"),
    Case(conv + conv + conv + "[shortcut]\nfrom=-2,-3\nactivation=linear\n", darknet: .equivalent),
    Case(
      "[convolutional]\nfilters=6\nsize=1\nactivation=linear\n" + conv
        + "[shortcut]\nfrom=-2\nactivation=linear\n", darknet: .refused),
    Case(
      "[convolutional]\nfilters=2\nsize=1\nactivation=linear\n" + conv
        + "[shortcut]\nfrom=-2\nactivation=linear\n", darknet: .refused),
    Case(conv + "[avgpool]\n[scale_channels]\nfrom=0\nactivation=linear\n"),
    Case(conv + conv + "[sam]\nfrom=-2\nactivation=linear\n"),
    Case("[crop]\ncrop_height=4\ncrop_width=6\nnoadjust=1\n"),
    Case("[crop]\ncrop_height=4\ncrop_width=6\n", darknet: .equivalent),
    Case("[avgpool]\n[softmax]\n", keras: .equivalent),
    Case("[avgpool]\n[softmax]\ntemperature=2\n", keras: .equivalent),
    Case("[activation]\nactivation=tanh\n"),
    Case("[activation]\nactivation=loggy\n", keras: .equivalent),
    Case("[dropout]\nprobability=.5\n" + conv),
    Case(conv + "[reorg]\nstride=2\n", keras: .equivalent),
    Case("[reorg3d]\nstride=2\n", keras: .equivalent),
    Case("[reorg]\nextra=5\n", darknet: .refused, keras: .equivalent, .pjreddie),
    Case("[local]\nfilters=2\nsize=3\nactivation=linear\n", darknet: .refused, keras: .composed),
    Case(
      "[local]\nfilters=1\nsize=3\nstride=2\npad=1\nactivation=leaky\n", darknet: .refused,
      keras: .composed),
    Case(
      "[local]\nfilters=4\nsize=1\nactivation=linear\n", darknet: .refused, keras: .composed),
    Case("[implicit]\nfilters=4\natoms=3\n", darknet: .refused, keras: .equivalent),
    Case(
      conv + "[implicit]\nfilters=4\n[scale_channels]\nfrom=0\nactivation=linear\n",
      darknet: .refused, keras: .equivalent),
    weighted("per_feature", "relu"), weighted("per_feature", "softmax"),
    weighted("per_channel", "relu"), weighted("per_channel", "softmax"),
    Case(
      "[convolutional]\nfilters=4\nsize=3\nstride=2\npad=1\nantialiasing=1\nactivation=linear\n",
      darknet: .refused, keras: .equivalent),
    Case(
      "[convolutional]\nfilters=4\nsize=3\nstride=2\npad=1\nantialiasing=2\nactivation=linear\n",
      darknet: .refused, keras: .equivalent),
    Case(
      "[maxpool]\nsize=3\nstride=2\nantialiasing=1\n", darknet: .refused, keras: .equivalent),
    Case(
      "[local_avgpool]\nsize=3\nstride=2\npadding=4\n", keras: .composed),
    Case(
      conv + "[maxpool]\nmaxpool_depth=1\nout_channels=3\n", darknet: .refused,
      keras: .equivalent),
    Case("[rnn]\noutput=5\nactivation=leaky\nshortcut=1\n", darknet: .refused, keras: .composed),
    Case(
      "[gru]\noutput=5\nbatch_normalize=1\n", darknet: .refused, keras: .composed, .pjreddie),
    Case("[lstm]\noutput=5\n", darknet: .refused, keras: .composed),
    Case(
      "[crnn]\nhidden_filters=3\noutput_filters=2\nsize=3\npad=1\nactivation=relu\n",
      darknet: .refused, keras: .composed),
    Case(
      "[conv_lstm]\noutput_filters=4\nsize=3\npad=1\npeephole=1\nactivation=linear\n",
      darknet: .refused, keras: .composed),
    Case("[softmax]\nspatial=1\n", darknet: .refused, keras: .equivalent),
    Case(conv + "[reorg]\nflatten=1\n", darknet: .refused, keras: .equivalent, .pjreddie),
    Case(
      conv + "[reorg]\nflatten=1\nreverse=1\n", darknet: .refused, keras: .equivalent, .pjreddie),
    Case(
      "[activation]\nactivation=normalize_channels\n", darknet: .equivalent,
      keras: .composed),
    Case(
      "[connected]\noutput=5\nactivation=normalize_channels\n", darknet: .equivalent,
      keras: .composed),
    Case(
      "[connected]\noutput=5\nactivation=normalize_channels_softmax_maxval\n", darknet: .equivalent,
      keras: .composed),
    sampled(from: "stride=2", "alpha=.5\nbeta=2"), sampled(from: "stride=1", "alpha=.3"),
    Case(
      conv + "[convolutional]\nfilters=3\nsize=1\nstride=2\nactivation=linear\n"
        + "[shortcut]\nfrom=-2\nalpha=.7\nactivation=linear\n", darknet: .refused,
      keras: .equivalent, .pjreddie),
  ]

  /// Operations on an image `[8, 8, 3]` of a graph that has its channels last.
  struct KerasCase: Sendable, CustomTestStringConvertible {
    let operations: [any ModelGraph.Operation]
    let darknet: Outcome
    var keras = Outcome.same
    /// Whether the last one takes the image once more, beside what the others make.
    var takesInputToo = false
    var dialect = Dialect.alexeyab
    var testDescription: String { operations.map { "\(type(of: $0))" }.joined(separator: " ") }
  }

  private static func merge(_ rule: Elementwise.Rule, _ darknet: Outcome) -> KerasCase {
    KerasCase(
      operations: [Affine(scale: 2, offset: 1), Elementwise(rule)], darknet: darknet,
      takesInputToo: true)
  }

  private static func matrix(columns: Int) -> FullyConnected {
    FullyConnected(weights: weights([5, columns]), biases: nil)
  }

  private static func weights(_ shape: Shape) -> Parameter {
    Parameter(
      "weights", of: "layer", role: .weights, shape: shape,
      source: MemorySource(numbers(shape.elementCount)))
  }

  static let kerasCases: [KerasCase] = [
    KerasCase(
      operations: [
        Pad(margins: [.init(before: 1, after: 0), .init(before: 1, after: 0), .none]),
        Convolution(
          window: Window(size: [3, 3], strides: [2, 2], padding: [.none, .none]), groups: 1,
          weights: weights([4, 3, 3, 3]), biases: nil),
      ], darknet: .equivalent),
    KerasCase(
      operations: [Pad(margins: [.none, .none, .init(before: 1, after: 2)])], darknet: .refused),
    merge(.sum, .equivalent), merge(.product, .equivalent), merge(.difference, .equivalent),
    merge(.mean, .equivalent), merge(.maximum, .refused), merge(.minimum, .refused),
    KerasCase(
      operations: [Affine(scale: 2, offset: 1), Elementwise(.product)], darknet: .equivalent,
      takesInputToo: true, dialect: .pjreddie),
    KerasCase(
      operations: [
        Pooling(
          .average,
          window: Window(
            size: [3, 3], strides: [2, 2],
            padding: [.init(before: 0, after: 1), .init(before: 0, after: 1)]))
      ], darknet: .equivalent, dialect: .pjreddie),
    KerasCase(operations: [Activation(.relu(maximum: 6))], darknet: .equivalent),
    KerasCase(operations: [Reduce(.mean, axes: [0, 1])], darknet: .same),
    KerasCase(operations: [Reduce(.maximum, axes: [0, 1])], darknet: .equivalent),
    KerasCase(operations: [Repeat(counts: [2, 3, 1])], darknet: .refused),
    KerasCase(
      operations: [Slice(cutting: [.init(before: 1, after: 2)], of: [8, 8, 3])],
      darknet: .equivalent),
    KerasCase(
      operations: [
        Convolution(
          window: Window(size: [1, 3], strides: [1, 1], padding: [.none, .none]), groups: 1,
          weights: weights([4, 3, 1, 3]), biases: nil)
      ], darknet: .equivalent),
    KerasCase(operations: [Affine(scale: 2, offset: 1)], darknet: .equivalent),
    KerasCase(
      operations: [Reshaping(to: [192]), matrix(columns: 192)], darknet: .equivalent),
    KerasCase(
      operations: [
        Transposition(order: [2, 0, 1]), Reshaping(to: [192]), matrix(columns: 192),
      ], darknet: .equivalent, keras: .equivalent),
    KerasCase(
      operations: [Reshaping(to: [4, 16, 3]), Transposition(order: [1, 0, 2])],
      darknet: .refused),
    KerasCase(
      operations: [Reshaping(to: [2, 4, 8, 3]), Transposition(order: [2, 0, 3, 1])],
      darknet: .refused),
  ]

  @Test(arguments: kerasCases)
  func keras(_ tried: KerasCase) throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [8, 8, 3])
    var last = input
    for (index, operation) in tried.operations.enumerated() {
      let isLast = index == tried.operations.count - 1
      last = try builder.add(
        operation, name: "node_\(index)",
        inputs: isLast && tried.takesInputToo ? [last, input] : [last])
    }
    builder.output(last, named: "output")
    let graph = builder.finish()
    try check(tried.keras, graph, kerasOf)
    try check(tried.darknet, graph) { try darknetOf($0, tried.dialect) }
  }

  /// The network of a case, with numbers.
  private func graph(of tried: Case) throws -> Graph {
    let sections = "[net]\nwidth=8\nheight=8\nchannels=3\n" + tried.cfg
    try bench.write("m.cfg", sections)
    let network = try Network(contentsOf: bench.path("m.cfg"), dialect: tried.dialect)
    try bench.put("m", sections, numbers(network.weightCount))
    let weights = try bench.weights("m", tried.dialect)
    return try weights.network.graph(layout: weights.layout) { weights.source($0) }
  }

  @Test(arguments: cases)
  func darknet(_ tried: Case) throws {
    let graph = try graph(of: tried)
    try check(tried.darknet, graph) { try darknetOf($0, tried.dialect) }
  }

  private func darknetOf(_ graph: Graph, _ dialect: Dialect) throws -> Graph {
    let raised = try NetworkRaising(graph, dialect: dialect)
      .network(from: "test", path: "raised.cfg")
    let plan = WeightsPlan(raised.network)
    return try raised.network.lowered(
      layout: WeightsLayout(plan: plan, header: WeightsHeader(.third, seen: 0)),
      source: { raised.array($0)?.source }, order: { raised.array($0)?.view }
    ).graph
  }

  @Test(arguments: cases)
  func keras(_ tried: Case) throws {
    let graph = try graph(of: tried)
    try check(tried.keras, graph, kerasOf)
    guard ![.refused, .composed].contains(tried.keras) else { return }
    // Keras's own graph can be written in its format too.
    let again = try kerasOf(graph)
    try check(.same, again, kerasOf)
  }

  private func kerasOf(_ graph: Graph) throws -> Graph {
    let path = bench.path("\(graph.nodes.count)-\(UInt64.random(in: 0...UInt64.max)).h5")
    let output = try OutputFile(path: path, overwrites: false)
    try KerasWriter(try RewrittenModel(try KerasRaising(graph).model(named: "model"))).write(
      to: output
    ) { _ in }
    try OutputFile.commit([output])
    let channelsLast = graph.layout == .channelsLast
    let shape = graph.nodes[graph.inputs[0].node].shape
    return try KerasNetwork(path: path).lowered(
      for: [channelsLast ? shape : KerasRaising.kerasShape(shape)]
    ).graph
  }

  /// Writes a graph and reads it, and holds both against each other.
  private func check(
    _ outcome: Outcome, _ graph: Graph, _ written: (Graph) throws -> Graph
  ) throws {
    if case .refused = outcome {
      let error = try failure { try written(graph) }
      #expect(error.kind == .unsupported, "\(error)")
      return
    }
    let first = try graph.inLayout(.channelsFirst)
    let second = try written(graph).inLayout(.channelsFirst)
    if case .same = outcome { #expect(Self.text(of: first) == Self.text(of: second)) }
    let shape = first.nodes[first.inputs[0].node].shape
    let input = Tensor(shape: Shape([2] + shape.extents), values: numbers(2 * shape.elementCount))
    let engine = ReferenceEngine()
    let x = try engine.outputs(of: first, inputs: [input])
    let y = try engine.outputs(of: second, inputs: [input])
    try #require(x.count == y.count)
    for (a, b) in zip(x, y) {
      // darknet has a vector as an image of one pixel.
      #expect(a.shape.extents.filter { $0 > 1 } == b.shape.extents.filter { $0 > 1 })
      let scale = a.values.reduce(1) { max($0, abs($1)) }
      #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) <= 1e-5 * scale })
    }
  }

  /// Each operation with its options and where its values come from, without what means nothing.
  private static func text(of graph: Graph) -> [String] {
    var origins: [Int: Int] = [:]
    var lines: [String] = []
    for node in graph.reachable {
      let inputs = node.inputs.map { origins[$0] ?? -1 }
      guard case .operation(let operation) = node.simplestForm(in: graph) else {
        origins[node.id] = inputs[0]
        continue
      }
      let options = OperationOptions(operation).all.map { "\($0.name)=\($0.value ?? "?")" }
      lines.append("\(type(of: operation)) \(options.joined(separator: " ")) of \(inputs)")
      origins[node.id] = lines.count - 1
    }
    return lines + ["outputs \(graph.outputs.map { origins[$0.node] ?? -1 })"]
  }
}
