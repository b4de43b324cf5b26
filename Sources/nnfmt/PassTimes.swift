import FileSupport
import Inference
import ModelGraph

/// How long the passes of a session took: each whole, and layer by layer.
struct PassTimes {
  /// A layer with its times, or several that the engine computes as one.
  struct Layer {
    /// `convolutional_3`, or `convolutional_3 + shortcut_4` for a step that computes nodes of both.
    let name: String
    /// The floating-point operations of a pass, 2 for a multiply-add.
    fileprivate(set) var operations = 0
    /// The time of each pass.
    fileprivate(set) var times: [Duration] = []

    /// Thousands of millions of floating-point operations in a second, by the medians.
    var gflops: Double {
      PassTimes.gflops(operations, in: times.median)
    }
  }

  /// The time of each pass.
  private(set) var whole: [Duration] = []
  /// The layers in the order in which they are first computed.
  private(set) var layers: [Layer] = []
  private var positions: [String: Int] = [:]
  private let graph: Graph
  private let inputs: Set<Int>

  /// No passes of a graph yet.
  init(_ graph: Graph) {
    self.graph = graph
    inputs = Set(graph.inputs.map(\.node))
  }

  /// Runs a pass. Its time is that of the computation; what the closures do is no part of it.
  ///
  /// - Throws: as ``EngineSession/run(_:onStep:onValue:)``.
  mutating func add(
    passOf session: any EngineSession, _ arrays: [Tensor], onStep: ([Node]) -> Void = { _ in },
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let clock = ContinuousClock()
    var steps: [(nodes: [Node], time: Duration)] = []
    var handing = Duration.zero
    let begin = clock.now
    try session.run(
      arrays,
      onStep: { nodes, time in
        steps.append((nodes, time))
        let start = clock.now
        onStep(nodes)
        handing += clock.now - start
      },
      onValue: { (node, tensor) throws(ModelFileError) in
        let start = clock.now
        try onValue(node, tensor)
        handing += clock.now - start
      })
    whole.append(clock.now - begin - handing)
    for step in steps { add(step.nodes, step.time, batch: arrays.first?.batch ?? 1) }
  }

  /// The rate of so many operations; 0 of none.
  static func gflops(_ operations: Int, in time: Duration) -> Double {
    // The clock counts nanoseconds.
    operations == 0 ? 0 : Double(operations) / (max(time, .nanoseconds(1)) / .nanoseconds(1))
  }

  /// Adds a step of the last pass. An input is no step: nothing is computed.
  private mutating func add(_ nodes: [Node], _ time: Duration, batch: Int) {
    let nodes = nodes.filter { !inputs.contains($0.id) }
    guard !nodes.isEmpty else { return }
    var paths: [String] = []
    for path in nodes.map({ $0.layer?.path ?? $0.name }) where !paths.contains(path) {
      paths.append(path)
    }
    let name = paths.joined(separator: " + ")
    let position = positions[name] ?? layers.count
    if position == layers.count {
      layers.append(Layer(name: name))
      positions[name] = position
    }
    let multiplyAdds = nodes.reduce(0) { $0.clampedSum(graph.multiplyAdds(of: $1)) }
    // The passes are alike: the first one's operations are those of each.
    if whole.count == 1 {
      layers[position].operations = layers[position].operations
        .clampedSum(multiplyAdds.clampedProduct(2).clampedProduct(batch))
    }
    let missing = whole.count - layers[position].times.count
    layers[position].times += [Duration](repeating: .zero, count: missing)
    layers[position].times[whole.count - 1] += time
  }
}

extension [Duration] {
  /// The one in the middle, or the mean of the two there; zero of none.
  var median: Duration {
    let sorted = sorted()
    return isEmpty ? .zero : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}

extension Duration {
  /// Thousandths of a second.
  var milliseconds: Double { self / .milliseconds(1) }
}
