import FileSupport
import Inference
import ModelGraph

/// Holds the backward step of every layer against central finite differences in double precision.
///
/// Every node is checked on its own: with the values that a mini-batch brings to it and a fixed δ at its
/// output, `F = −Σ δ · y` is moved by ±h along inputs and parameters, and `(F(+h) − F(−h)) / 2h` compared
/// with what the backward step gives. A node with a loss is checked with the loss in place of *F*. Where
/// the two sides differ (a kink of relu, another winner of a maximum) nothing is compared.
public struct GradientCheck {
  /// What was found for a layer.
  public struct Row: Sendable {
    /// The layer's index.
    public let layer: Int
    /// Its type.
    public let type: String
    /// Numbers compared.
    public internal(set) var checked = 0
    /// The largest `|a − n| / max(|a|, |n|, largest / 1000)`, *largest* being the node's largest gradient.
    public internal(set) var worst = 0.0
    /// Why darknet's step is not the derivative here, if it is not.
    public internal(set) var exception: String?
  }

  private let network: TrainedNetwork
  private let data: TrainingData

  /// Prepares a check.
  ///
  /// - Throws: `ModelFileError` as ``Trainer/init(_:data:seen:settings:)``.
  public init(
    _ plan: TrainingPlan, data: TrainingData, settings: TrainerSettings
  ) throws(ModelFileError) {
    // Differences of numbers in float32 would be rounding errors.
    network = try TrainedNetwork(
      plan, engine: .reference, threads: settings.threads, seed: settings.seed)
    network.parameters.followsStatistics = false
    network.memory.isFrozen = true
    self.data = data
  }

  /// How far a number is moved.
  private static let step = 1e-5
  /// At most so many numbers of an array are checked, spread evenly.
  private static let samples = 32

  /// Checks all layers with the first mini-batch.
  ///
  /// - Throws: `ModelFileError` of a pass.
  public func run() throws(ModelFileError) -> [Row] {
    let plan = network.plan
    let rows = (0..<plan.options.miniBatch).map { $0 % data.count }
    let (x, y) = data.rows(rows)
    let pass = try network.forward(
      x: x, y: y, seen: plan.options.miniBatch, number: 0)
    var found = plan.layers.map { Row(layer: $0.reference.index, type: $0.reference.type) }
    for node in plan.graph.nodes where !(node.operation is Input) {
      guard let layer = node.layer?.index, found.indices.contains(layer) else { continue }
      let inputs = pass.sources[node.id].map { pass.values[$0] }
      let loss = zip(plan.losses, pass.losses).first { $0.0.node == node.id }
      let check = NodeCheck(
        network: network, node: node, inputs: inputs, loss: loss?.0, truth: y,
        delta: loss?.1.delta ?? Self.delta(count: pass.values[node.id].values.count))
      let result = try check.run()
      found[layer].checked += result.checked
      found[layer].worst = max(found[layer].worst, result.worst)
      found[layer].exception = found[layer].exception ?? check.exception
    }
    return found
  }

  /// A δ like any other.
  private static func delta(count: Int) -> [Double] {
    var chance = SplitMix64(mixing: 7)
    return (0..<count).map { _ in 2 * chance.unit() - 1 }
  }

  /// The check of one node.
  private struct NodeCheck {
    let network: TrainedNetwork
    let node: Node
    let inputs: [TensorOf<Double>]
    let loss: Loss?
    let truth: [Double]
    let delta: [Double]

    var exception: String? {
      (node.operation as? any BackwardKernel)?.departure(loss, network.plan.options)
    }

    func run() throws(ModelFileError) -> (checked: Int, worst: Double) {
      network.parameters.forEach { slot in slot.updates = slot.updates.map { _ in 0 } }
      let told = network.context(of: node, inputs, number: 0)
      let (output, back) = try network.compute(node, told)
      let step = BackwardStep(
        pass: told, output: output, delta: delta, wants: inputs.map { _ in true })
      let entersBelow = loss?.entersBelowNode ?? false
      let parts = entersBelow ? [delta] : try back(step)
      var pairs: [[(Double, Double)]] = []
      for (position, part) in parts.enumerated() {
        guard let part else { continue }
        pairs.append(
          try differences(part) { (index, change) throws(ModelFileError) in
            var moved = inputs
            moved[position].values[index] += change
            return try objective(moved)
          })
      }
      for parameter in node.operation.parameters {
        guard let place = network.parameters.position(of: parameter),
          network.parameters.slots[place].isLearned
        else { continue }
        pairs.append(
          try differences(network.parameters.slots[place].updates) {
            (index, change) throws(ModelFileError) in
            network.parameters.with(place) { $0.values[index] += change }
            defer { network.parameters.with(place) { $0.values[index] -= change } }
            return try objective(inputs)
          })
      }
      return Self.worst(of: pairs)
    }

    /// −F: what the backward step makes grow.
    private func objective(_ inputs: [TensorOf<Double>]) throws(ModelFileError) -> Double {
      let (output, _) = try network.compute(node, network.context(of: node, inputs, number: 0))
      guard let loss else { return zip(delta, output.values).reduce(0) { $0 + $1.0 * $1.1 } }
      let context = LossContext(
        truth: truth, seen: network.plan.options.miniBatch,
        imageExtents: network.plan.options.imageExtents)
      let cost = try loss.value(of: output, at: node.operation, context).cost
      return -cost * loss.deltaPerCost
    }

    /// Pairs of what the backward step gave and what the differences say.
    private func differences(
      _ found: [Double], _ objective: (Int, Double) throws(ModelFileError) -> Double
    ) throws(ModelFileError) -> [(Double, Double)] {
      var pairs: [(Double, Double)] = []
      let spacing = max(1, found.count / GradientCheck.samples)
      for index in stride(from: 0, to: found.count, by: spacing) {
        let h = GradientCheck.step
        let (up, here, down) = (
          try objective(index, h), try objective(index, 0), try objective(index, -h)
        )
        let (right, left) = ((up - here) / h, (here - down) / h)
        // Smooth functions differ by h times their curvature; a kink by the whole slope.
        guard abs(right - left) <= 1e-2 * max(abs(right), abs(left)) + 1e-4 else { continue }
        pairs.append((found[index], (up - down) / (2 * h)))
      }
      return pairs
    }

    private static func worst(of arrays: [[(Double, Double)]]) -> (checked: Int, worst: Double) {
      var result = (checked: 0, worst: 0.0)
      for pairs in arrays {
        let largest = pairs.reduce(0) { max($0, abs($1.0), abs($1.1)) }
        guard largest > 0 else {
          result.checked += pairs.count
          continue
        }
        for (a, n) in pairs {
          let error = abs(a - n) / max(abs(a), abs(n), largest / 1000)
          result = (result.checked + 1, max(result.worst, error))
        }
      }
      return result
    }
  }
}

extension Loss {
  /// δ is this times the negative gradient of the cost: darknet drops the 2 of squares, and its `scale`
  /// acts on δ alone.
  fileprivate var deltaPerCost: Double {
    switch function {
    case .elementwise(.absolute, let scale): scale
    case .elementwise(_, let scale): scale / 2
    case .yolo, .region: 0.5
    case .crossEntropy, .binaryCrossEntropy, .none: 1
    }
  }
}
