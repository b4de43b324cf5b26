import FileSupport
import ModelGraph

/// The options of `[net]` that steer training (`parser.c: parse_net_options`).
enum NetworkTraining {
  static let learningRate = Option("learning_rate", 0.001)
  static let momentum = Option("momentum", 0.9)
  static let decay = Option("decay", 0.0001)
  static let policy = Option("policy", "constant")
  static let burnIn = Option("burn_in", 0)
  static let power = Option("power", 4.0)
  static let maxBatches = Option("max_batches", 0)
  static let step = Option("step", 1)
  static let scale = Option("scale", 1.0)
  static let steps = Option<[Int]>("steps", [])
  static let scales = Option<[Double]>("scales", [])
  static let gamma = Option("gamma", 1.0)
  static let minimumRate = Option("learning_rate_min", 0.00001, in: .alexeyAndLater)
  static let cycle = Option("sgdr_cycle", 0, in: .alexeyAndLater)
  static let cycleGrowth = Option("sgdr_mult", 2, in: .alexeyAndLater)
  static let adam = Option("adam", 0)
  static let beta1 = Option("B1", 0.9)
  static let beta2 = Option("B2", 0.999)
  static let epsilon = Option("eps", 0.000001, in: .alexeyAndLater)
  static let epsilonOfPjreddie = Option("eps", 0.0000001, in: .pjreddieOnly)

  /// Every one of them.
  static let options: [OptionDescription] = [
    learningRate.description, momentum.description, decay.description, policy.description,
    burnIn.description, power.description, maxBatches.description, step.description,
    scale.description, steps.description, scales.description, gamma.description,
    minimumRate.description, cycle.description, cycleGrowth.description, adam.description,
    beta1.description, beta2.description, epsilon.description, epsilonOfPjreddie.description,
  ]
}

extension AdamOptions {
  /// The constants of a cfg; `nil` unless it asks for Adam.
  init?(_ net: OptionReader) {
    guard net[NetworkTraining.adam] != 0 else { return nil }
    let epsilon =
      NetworkTraining.epsilon.dialects.contains(net.dialect)
      ? net[NetworkTraining.epsilon] : net[NetworkTraining.epsilonOfPjreddie]
    self.init(
      beta1: net[NetworkTraining.beta1], beta2: net[NetworkTraining.beta2], epsilon: epsilon)
  }
}

extension LearningRateSchedule {
  /// The schedule of a cfg.
  ///
  /// - Throws: `ModelFileError`: `damaged` for a policy without its keys, `unsupported` for one that
  ///   depends on chance.
  init(_ net: OptionReader) throws(ModelFileError) {
    self.init(
      rate: net[NetworkTraining.learningRate], policy: try Self.policy(net),
      burnIn: net[NetworkTraining.burnIn], power: net[NetworkTraining.power])
  }

  private static func policy(_ net: OptionReader) throws(ModelFileError) -> Policy {
    let name = net[NetworkTraining.policy]
    switch name {
    case "step":
      return .step(
        every: try net.positive(NetworkTraining.step, for: name),
        scale: try net.required(NetworkTraining.scale, for: name))
    case "steps": return try steps(net)
    case "exp": return .exponential(gamma: try net.required(NetworkTraining.gamma, for: name))
    case "poly":
      return .polynomial(maximum: try net.positive(NetworkTraining.maxBatches, for: name))
    case "sigmoid":
      return .sigmoid(
        gamma: try net.required(NetworkTraining.gamma, for: name),
        step: try net.required(NetworkTraining.step, for: name))
    case "sgdr" where NetworkTraining.cycle.dialects.contains(net.dialect):
      let given = net.value(of: NetworkTraining.cycle) != nil
      return .warmRestarts(
        minimum: net[NetworkTraining.minimumRate],
        cycle: try net.positive(
          given ? NetworkTraining.cycle : NetworkTraining.maxBatches, for: name),
        growth: max(net[NetworkTraining.cycleGrowth], 1))
    case "random":
      throw net.error(
        .unsupported, NetworkTraining.policy.key, "a rate that depends on chance is not supported",
        found: name)
    // As in darknet, an unknown name is constant.
    default: return .constant
    }
  }

  private static func steps(_ net: OptionReader) throws(ModelFileError) -> Policy {
    let steps = try net.required(NetworkTraining.steps, for: "steps")
    let scales = try net.required(NetworkTraining.scales, for: "steps")
    guard steps.count == scales.count else {
      throw net.error(
        .damaged, NetworkTraining.scales.key, "there is not a scale for each of the steps",
        expected: "\(steps.count)", found: "\(scales.count)")
    }
    return .steps(zip(steps, scales).map { (at: $0, scale: $1) })
  }
}

extension OptionReader {
  /// The value of a key that a policy can't do without.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is missing.
  fileprivate func required<Value>(
    _ option: Option<Value>, for policy: String
  ) throws(ModelFileError) -> Value {
    if let value = value(of: option) { return value }
    throw error(
      .damaged, NetworkTraining.policy.key, "the policy '\(policy)' lacks a key",
      expected: "'\(option.key)' in [net]", found: "none",
      remedy: "add it, or choose policy=constant")
  }

  /// The value of a key that a policy can't do without, 1 or more.
  fileprivate func positive(
    _ option: Option<Int>, for policy: String
  ) throws(ModelFileError) -> Int {
    let value = try required(option, for: policy)
    guard value > 0 else {
      throw error(
        .damaged, option.key, "the policy '\(policy)' needs a number of steps",
        expected: "1 or more", found: "\(value)")
    }
    return value
  }
}
