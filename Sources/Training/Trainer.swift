import FileSupport
import ModelGraph

/// What a step of training came to.
public struct TrainingStep: Sendable {
  /// The steps that this run has done, this one included.
  public let step: Int
  /// η
  public let rate: Double
  /// The cost over all samples of the step, divided by their number (`network.c: train_network`).
  public let loss: Double
}

/// What computes a step.
public enum TrainingEngine: Sendable, CaseIterable {
  /// oneDNN in float32: products, and what can be computed along with them. All else is the reference engine's.
  case onednn
  /// Plain loops in double precision.
  case reference
}

/// How a run is carried out; none of it changes what darknet's description says.
public struct TrainerSettings: Sendable {
  /// What computes; the reference engine stands in where there is no oneDNN.
  public var engine = TrainingEngine.onednn
  /// Threads that share the work. Their number changes no bit of the result.
  public var threads = 1
  /// What dropout, shuffling and fresh weights depend on.
  public var seed: UInt64 = 1
  /// Whether the rows are taken in another order in each round.
  public var shuffles = false

  /// oneDNN, one thread, the rows in order.
  public init() {}
}

/// Trains a network step by step, as darknet does (`network.c: train_network`):
///
/// - for each subdivision a forward and a backward pass over the next mini-batch, the gradients adding up
///   in the update buffers;
/// - then one update of every array, by the rate that the policy gives for the number of steps done.
///
/// Which rows come next, and all that depends on chance, follow from the images seen: a run that goes on
/// from a checkpoint does what the run before it would have done.
public final class Trainer {
  private let network: TrainedNetwork
  private let data: TrainingData
  private let settings: TrainerSettings
  private let startedAt: UInt64
  private var stepsDone = 0
  private var adamSteps = 0

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - plan: the network, its parameters with numbers; one without any is filled with fresh ones.
  ///   - data: the samples.
  ///   - seen: images seen so far, out of the header of the weights.
  ///   - settings: how the run is carried out.
  /// - Throws: `ModelFileError`: `unsupported` naming the first layer that can't be trained; `damaged` if
  ///   there is nothing to learn or numbers are missing.
  public init(
    _ plan: TrainingPlan, data: TrainingData, seen: UInt64, settings: TrainerSettings
  ) throws(ModelFileError) {
    network = try TrainedNetwork(
      plan, engine: settings.engine, threads: settings.threads, seed: settings.seed)
    self.data = data
    self.settings = settings
    startedAt = seen
  }

  /// Whether networks with an operation can be trained; `[detection]` and its like have no cost here.
  public static func trains(_ operation: any ModelGraph.Operation.Type) -> Bool {
    operation is any BackwardKernel.Type
  }

  private var options: TrainingOptions { network.plan.options }

  /// Images seen, as the header of a checkpoint has them: AlexeyAB's darknet counts whole steps.
  public var seen: UInt64 {
    let perStep = UInt64(options.stepSamples)
    let start = options.roundsSeenToSteps ? startedAt / perStep * perStep : startedAt
    return start &+ UInt64(stepsDone) &* perStep
  }

  /// Does a step.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` naming step and layer if a number is no number any
  ///   more; the arrays are then not to be used.
  public func step() throws(ModelFileError) -> TrainingStep {
    do {
      return try unguardedStep()
    } catch {
      throw error.at(.path("step \(stepsDone + 1)"))
    }
  }

  private func unguardedStep() throws(ModelFileError) -> TrainingStep {
    let first = Int(clamping: startedAt) / options.stepSamples + stepsDone
    var cost = 0.0
    for subdivision in 0..<options.subdivisions {
      let number = first * options.subdivisions + subdivision
      let start = number * options.miniBatch
      let (x, y) = data.rows((start..<(start + options.miniBatch)).map(row))
      let done = stepsDone * options.stepSamples + (subdivision + 1) * options.miniBatch
      let pass = try network.forward(
        x: x, y: y, seen: Int(clamping: startedAt).clampedSum(done), number: number)
      try network.backward(pass)
      cost += pass.cost
    }
    stepsDone += 1
    let rate = try update()
    return TrainingStep(
      step: stepsDone, rate: rate, loss: cost / Double(options.stepSamples))
  }

  /// The row that holds a sample, samples being counted over all steps.
  private func row(_ sample: Int) -> Int {
    let (round, place) = sample.quotientAndRemainder(dividingBy: data.count)
    guard settings.shuffles else { return place }
    if shuffled?.round != round {
      var chance = SplitMix64(mixing: settings.seed, 0x5EED, UInt64(round))
      shuffled = (round, (0..<data.count).shuffled(using: &chance))
    }
    return shuffled?.rows[place] ?? place
  }

  private var shuffled: (round: Int, rows: [Int])?

  /// Updates every array (`network.c: update_network`).
  private func update() throws(ModelFileError) -> Double {
    let stepsInAll =
      Int(clamping: startedAt).clampedSum(stepsDone * options.stepSamples) / options.stepSamples
    let rate = options.schedule.rate(afterSteps: stepsInAll)
    adamSteps += 1
    let layers = network.plan.layers
    network.parameters.forEach { slot in
      let layer = layers.indices.contains(slot.layer) ? layers[slot.layer] : nil
      guard slot.isLearned, layer?.isUpdated ?? true else { return }
      UpdateRule(
        rate: rate * (layer?.rateFactor ?? 1), samples: options.stepSamples,
        momentum: options.momentum, decay: options.decay, adam: options.adam
      ).apply(to: &slot, step: adamSteps)
    }
    for slot in network.parameters.slots where !slot.values.allSatisfy(\.isFinite) {
      let error = ModelFileError(
        .damaged, at: [.array(slot.array)], "its values are no numbers any more",
        expected: "finite numbers", remedy: "lower the learning rate")
      throw layers.indices.contains(slot.layer)
        ? error.at(layers[slot.layer].reference.place) : error
    }
    return rate
  }

  /// The numbers of an array in the order of the graph's shape, `nil` if there is none of that name.
  public func values(of name: String) -> [Float]? {
    network.parameters[name]?.values.map(Float.init)
  }

  /// What a checkpoint does not hold and a run that goes on from it needs: the update buffers, Adam's
  /// means, the memory of recurrent layers. Empty where nothing but zeros would be in it.
  public var state: TrainingState {
    var arrays: [(name: String, values: [Float])] = []
    func add(_ name: String, _ values: [Double]) {
      if values.contains(where: { $0 != 0 }) { arrays.append((name, values.map(Float.init))) }
    }
    for slot in network.parameters.slots {
      add("updates.\(slot.name)", slot.updates)
      add("means.\(slot.name)", slot.means)
      add("squares.\(slot.name)", slot.squares)
    }
    for (name, values) in network.memory.numbers.sorted(by: { $0.key < $1.key }) {
      add("memory.\(name)", values)
    }
    if options.adam != nil { add("steps", [Double(adamSteps)]) }
    return TrainingState(arrays: arrays)
  }

  /// Puts back what an earlier run left.
  public func restore(_ state: TrainingState) {
    let arrays = Dictionary(
      state.arrays.map { ($0.name, $0.values.map(Double.init)) }, uniquingKeysWith: { $1 })
    network.parameters.forEach { slot in
      func kept(_ name: String) -> [Double]? {
        arrays["\(name).\(slot.name)"].flatMap { $0.count == slot.values.count ? $0 : nil }
      }
      slot.updates = kept("updates") ?? slot.updates
      slot.means = kept("means") ?? slot.means
      slot.squares =
        kept("squares") ?? (slot.means.isEmpty ? [] : slot.values.map { _ in 0 })
    }
    let prefix = "memory."
    network.memory.restore(
      Dictionary(
        uniqueKeysWithValues: arrays.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) }))
    adamSteps = arrays["steps"]?.first.map { Int($0) } ?? 0
  }
}
