import Darknet
import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

@testable import Training

/// A network of a cfg with an array or two to learn from.
struct Workshop {
  let network: Network
  let plan: TrainingPlan

  /// - Parameter changes: what is changed about the options.
  init(
    _ text: String, dialect: Dialect = .alexeyab, change: (inout TrainingOptions) -> Void = { _ in }
  ) throws {
    let config = try ConfigFile(path: "net.cfg", bytes: Array(text.utf8), dialect: dialect)
    network = try Network(config, dialect: dialect)
    let layout = WeightsLayout(
      plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0))
    let made = try network.trainingPlan(layout: layout)
    var options = made.options
    change(&options)
    plan = TrainingPlan(
      graph: made.graph, layers: made.layers, losses: made.losses, options: options)
  }

  /// Numbers from −1 to 1 for the input, and truths: chances for a softmax, boxes for a head.
  func data(rows: Int, seed: UInt64 = 3) throws -> TrainingData {
    var chance = SplitMix64(mixing: seed)
    let shape = plan.graph.nodes[plan.graph.inputs[0].node].shape
    let x = (0..<(rows * shape.elementCount)).map { _ in Float(2 * chance.unit() - 1) }
    let count =
      plan.losses.last.map { $0.truthCount(for: plan.graph.nodes[$0.node].shape) } ?? 1
    let y: [Float]
    switch plan.losses.last?.function {
    case .crossEntropy, .binaryCrossEntropy:
      y = (0..<(rows * count)).map { $0 % count == $0 / count % count ? 1 : 0 }
    case .yolo(let yolo): y = Self.boxes(rows: rows, count: count, size: yolo.truthSize)
    case .region(let region): y = Self.boxes(rows: rows, count: count, size: region.truthSize)
    default: y = (0..<(rows * count)).map { _ in Float(2 * chance.unit() - 1) }
    }
    return try TrainingData(
      x: Tensor(shape: Shape([rows] + shape.extents), values: x),
      y: Tensor(shape: [rows, count], values: y), for: plan)
  }

  /// One box in each sample.
  private static func boxes(rows: Int, count: Int, size: Int) -> [Float] {
    (0..<rows).flatMap { row in
      let box: [Float] = [0.3 + 0.1 * Float(row), 0.6, 0.4, 0.3, 1]
      return box + [Float](repeating: 0, count: count - box.count)
    }
  }

  /// A run on those numbers.
  func trainer(
    rows: Int, seen: UInt64 = 0, engine: TrainingEngine = .onednn, threads: Int = 1,
    seed: UInt64 = 1
  ) throws -> Trainer {
    var settings = TrainerSettings()
    settings.engine = engine
    settings.threads = threads
    settings.seed = seed
    return try Trainer(plan, data: data(rows: rows), seen: seen, settings: settings)
  }

  /// All arrays after some steps.
  func arrays(after steps: Int, of trainer: Trainer) throws -> [String: [Float]] {
    for _ in 0..<steps { _ = try trainer.step() }
    return arrays(of: trainer)
  }

  /// All arrays.
  func arrays(of trainer: Trainer) -> [String: [Float]] {
    var result: [String: [Float]] = [:]
    for parameter in plan.graph.parameters {
      result[parameter.name] = trainer.values(of: parameter.name)
    }
    return result
  }
}

/// `max |a − b| / (1 + max |b|)`
func scaledError(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let gap = zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  return gap / (1 + b.reduce(0) { max($0, abs($1)) })
}

extension Workshop {
  /// A run that goes on from what another left: its arrays, its state, its count of images.
  func resumed(from trainer: Trainer, rows: Int) throws -> Trainer {
    let arrays = arrays(of: trainer)
    let layout = WeightsLayout(
      plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0))
    let plan = try network.trainingPlan(layout: layout) { entry in
      arrays[network.name(of: entry)].map { MemorySource($0) }
    }
    let late = try Trainer(
      plan, data: data(rows: rows), seen: trainer.seen, settings: TrainerSettings())
    late.restore(trainer.state)
    return late
  }
}
