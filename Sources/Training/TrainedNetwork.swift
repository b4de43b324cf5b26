import FileSupport
import Inference
import ModelGraph

/// A network in training: its plan, its arrays with their buffers, and the passes through it.
///
/// One thread at a time uses it; inside a pass the rows of matrices, and samples, are shared out among threads.
final class TrainedNetwork {
  let plan: TrainingPlan
  let parameters: ParameterStore
  /// What recurrent layers carry from pass to pass, by node.
  var memory = RecurrentMemory()
  private let kernels: [any BackwardKernel]
  private let products: Products
  /// The layers that oneDNN computes.
  let fused: FusedLayers
  private let seed: UInt64

  /// - Throws: `ModelFileError`: `unsupported` naming the first layer that can't be trained, `damaged`
  ///   if numbers are missing.
  init(
    _ plan: TrainingPlan, engine: TrainingEngine, threads: Int, seed: UInt64
  ) throws(ModelFileError) {
    self.plan = plan
    self.seed = seed
    let threads = max(threads, 1)
    products = Products(threads: threads)
    kernels = try Self.kernels(of: plan)
    parameters = try ParameterStore(plan.graph, seed: seed)
    fused =
      switch engine {
      case .onednn: try FusedLayers(plan, threads: threads)
      case .reference: FusedLayers()
      }
  }

  private static func kernels(
    of plan: TrainingPlan
  ) throws(ModelFileError) -> [any BackwardKernel] {
    guard plan.graph.layout == .channelsFirst else {
      throw ModelFileError(.unsupported, "training needs channels in front")
    }
    var kernels: [any BackwardKernel] = []
    for node in plan.graph.nodes {
      guard let kernel = node.operation as? any BackwardKernel else {
        let error = ModelFileError(
          .unsupported, "\(type(of: node.operation)) can't be trained through",
          remedy: "`nnfmt layers` lists what can be trained")
        throw node.layer.map { error.at($0.place) } ?? error
      }
      guard [1, 3].contains(node.shape.rank) else {
        let error = ModelFileError(
          .unsupported, "values of \(node.shape.rank) axes can't be trained through",
          expected: "vectors, and images of height and width", found: "\(node.shape)")
        throw node.layer.map { error.at($0.place) } ?? error
      }
      kernels.append(kernel)
    }
    return kernels
  }

  /// The values of one pass and the way back.
  struct Pass {
    /// The value of every node.
    var values: [TensorOf<Double>] = []
    /// What every node was told, and its backward step.
    var steps: [(pass: ForwardPass, back: Pullback)] = []
    /// The nodes that each node took its inputs from; dropout stands in for the layer in front of it.
    var sources: [[Int]] = []
    /// The cost and δ of each loss.
    var losses: [LossValue] = []
    /// What darknet reports for the pass: the mean of the costs.
    var cost: Double {
      losses.reduce(0) { $0 + $1.cost } / Double(losses.count)
    }
  }

  /// The forward pass.
  ///
  /// - Parameters:
  ///   - x: the samples of the mini-batch, one after another.
  ///   - y: their truths.
  ///   - seen: images seen, those of this pass included.
  ///   - number: tells passes apart for what depends on chance.
  /// - Throws: `ModelFileError` of kind `damaged` naming the layer whose values are no numbers.
  func forward(x: [Double], y: [Double], seen: Int, number: Int) throws(ModelFileError) -> Pass {
    var pass = Pass()
    var standIns: [Int: Int] = [:]
    for node in plan.graph.nodes {
      let layer = fused.layers[node.id]
      let isPassedOver = fused.innerNodes.contains(node.id)
      let sources =
        isPassedOver ? [] : (layer?.nodes.product ?? node).inputs.map { standIns[$0] ?? $0 }
      pass.sources.append(sources)
      let told = context(of: node, sources.map { pass.values[$0] }, number: number)
      let value: TensorOf<Double>
      var back: Pullback = { _ in [] }
      if isPassedOver {
        value = TensorOf(shape: [0], values: [])
      } else if let layer {
        (value, back) = try fused.compute(layer, told)
      } else if node.operation is Input {
        value = TensorOf(
          shape: Shape([plan.options.miniBatch] + node.shape.extents), values: x)
        try requireNumbersInData(x)
      } else {
        (value, back) = try compute(node, told)
      }
      try Self.requireNumbers(value.values, of: layer?.nodes.product ?? node)
      pass.values.append(value)
      pass.steps.append((told, back))
      if node.operation is Dropout { replace(sources[0], by: value, &pass, &standIns) }
    }
    let context = LossContext(truth: y, seen: seen, imageExtents: plan.options.imageExtents)
    for loss in plan.losses {
      let node = plan.graph.nodes[loss.node]
      let value = try loss.value(of: pass.values[loss.node], at: node.operation, context)
      try Self.requireNumbers(value.delta + [value.cost], of: node)
      pass.losses.append(value)
    }
    return pass
  }

  /// What a node is told.
  func context(of node: Node, _ inputs: [TensorOf<Double>], number: Int) -> ForwardPass {
    ForwardPass(
      inputs: inputs, shape: node.shape, parameters: parameters, products: products,
      normalization: plan.normalization(of: node), isExactInTime: plan.options.isExactInTime,
      memory: memory, node: node.id,
      randomness: SplitMix64(mixing: seed, UInt64(number), UInt64(node.id)))
  }

  /// The value of one node and its backward step.
  ///
  /// - Throws: `ModelFileError` naming the layer.
  func compute(
    _ node: Node, _ told: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    do {
      return try kernels[node.id].forward(told)
    } catch {
      throw node.layer.map { error.at($0.place) } ?? error
    }
  }

  /// Dropout happens in place: σ′ of the layer in front sees it, and so does whoever names that layer.
  private func replace(
    _ node: Int, by value: TensorOf<Double>, _ pass: inout Pass, _ standIns: inout [Int: Int]
  ) {
    var place = node
    while true {
      pass.values[place].values = value.values
      guard plan.graph.nodes[place].operation is Reshaping else { break }
      place = pass.sources[place][0]
    }
    standIns[node] = pass.values.count - 1
  }

  /// What is no number in the data shows in the first layer.
  private func requireNumbersInData(_ x: [Double]) throws(ModelFileError) {
    guard let place = x.firstIndex(where: { !$0.isFinite }) else { return }
    let sample = place / max(x.count / plan.options.miniBatch, 1)
    let error = ModelFileError(
      .damaged, "its input, the data, is no number", expected: "finite numbers",
      found: "\(x[place]) in sample \(sample) of the mini-batch",
      remedy: "clean X of NaN and Inf")
    throw plan.layers.first.map { error.at($0.reference.place) } ?? error
  }

  private static func requireNumbers(
    _ numbers: [Double], of node: Node
  ) throws(ModelFileError) {
    guard let odd = numbers.first(where: { !$0.isFinite }) else { return }
    let error = ModelFileError(
      .damaged, "its values are no numbers any more", expected: "finite numbers",
      found: odd.isNaN ? "NaN" : "Inf",
      remedy: "check the data for NaN, or lower the learning rate")
    throw node.layer.map { error.at($0.place) } ?? error
  }

  /// The backward pass, from the last layer to the first: gradients go into the update buffers.
  ///
  /// - Returns: δ at every node that some came to.
  /// - Throws: `ModelFileError` of kind `unsupported` naming a layer of a form that can't be trained.
  @discardableResult
  func backward(_ pass: Pass) throws(ModelFileError) -> [Int: [Double]] {
    var deltas: [Int: [Double]] = [:]
    for (loss, value) in zip(plan.losses, pass.losses) {
      let target = loss.entersBelowNode ? pass.sources[loss.node][0] : loss.node
      Self.add(value.delta, to: &deltas[target])
    }
    let stop = plan.layers.lastIndex { $0.stopsBackward } ?? -1
    for node in plan.graph.nodes.reversed() {
      guard let delta = deltas[node.id] else { continue }
      let layer = node.layer?.index ?? 0
      if layer <= stop { continue }
      if plan.layers.indices.contains(layer), plan.layers[layer].isForwardOnly { continue }
      let parts = try back(node, pass, delta)
      for (source, part) in zip(pass.sources[node.id], parts) {
        if let part { Self.add(part, to: &deltas[source]) }
      }
    }
    return deltas
  }

  /// The backward step of one node.
  ///
  /// - Throws: `ModelFileError` naming the layer.
  func back(
    _ node: Node, _ pass: Pass, _ delta: [Double]
  ) throws(ModelFileError) -> [[Double]?] {
    let (told, back) = pass.steps[node.id]
    let step = BackwardStep(
      pass: told, output: pass.values[node.id], delta: delta,
      wants: pass.sources[node.id].map { !(plan.graph.nodes[$0].operation is Input) })
    do {
      return try back(step)
    } catch {
      throw node.layer.map { error.at($0.place) } ?? error
    }
  }

  private static func add(_ part: [Double], to delta: inout [Double]?) {
    guard var sum = delta else {
      delta = part
      return
    }
    delta = nil
    for index in part.indices { sum[index] += part[index] }
    delta = sum
  }
}

extension TrainingPlan {
  /// How batch normalization trains at a node.
  func normalization(of node: Node) -> NormalizationRule {
    let isDense =
      switch node.operation {
      case is SimpleRecurrence<FullyConnected>, is GatedRecurrence, is LongShortTermMemory: true
      default: node.inputs.contains { graph.nodes[$0].operation is FullyConnected }
      }
    return isDense ? options.denseNormalization : options.normalization
  }
}
