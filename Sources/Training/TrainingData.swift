import FileSupport
import Inference
import ModelGraph

/// The samples that a network learns from, with what it should say to each.
public struct TrainingData: Sendable {
  /// Rows of X and Y.
  public let count: Int
  private let x: [Float]
  private let y: [Float]
  private let inputs: Int
  private let truths: Int

  /// Holds two arrays against a plan.
  ///
  /// - Parameters:
  ///   - x: a sample in each row, of the network's input shape.
  ///   - y: the truth of each sample.
  ///   - plan: the network's.
  /// - Throws: `ModelFileError` of kind `damaged` if shapes or numbers of samples don't fit.
  public init(x: Tensor, y: Tensor, for plan: TrainingPlan) throws(ModelFileError) {
    guard let port = plan.graph.inputs.first, plan.graph.inputs.count == 1 else {
      throw ModelFileError(.unsupported, "training needs a network with one input")
    }
    let input = plan.graph.nodes[port.node].shape
    truths = try Self.truths(of: plan)
    let samples: Tensor
    do {
      samples = try x.input(for: input)
    } catch {
      throw error.at(.path("X"))
    }
    let rows = y.shape.extents.first ?? 0
    guard rows == samples.batch, rows > 0 else {
      throw ModelFileError(
        .damaged, "X and Y hold another number of samples",
        expected: "\(samples.batch) rows in Y, as in X", found: "\(rows)")
    }
    guard y.values.count == rows.clampedProduct(truths) else {
      throw ModelFileError(
        .damaged, at: [.path("Y")], "the truth has another shape than the network's",
        expected: "\(truths) numbers for each sample", found: "\(y.sampleCount), shape \(y.shape)",
        remedy: "check that Y belongs to this network")
    }
    count = rows
    inputs = input.elementCount
    self.x = samples.values
    self.y = y.values
  }

  /// Numbers of truth that a sample needs; all costs of a network read the same truth.
  private static func truths(of plan: TrainingPlan) throws(ModelFileError) -> Int {
    guard !plan.losses.isEmpty else {
      throw ModelFileError(
        .damaged, "the network has no cost, so there is nothing to learn",
        expected: "a [cost], [softmax], [yolo], [region] or other layer that compares with Y")
    }
    var needed: (count: Int, loss: Loss)?
    for loss in plan.losses {
      let count = loss.truthCount(for: plan.graph.nodes[loss.node].shape)
      guard count > 0 else { continue }
      if let needed, needed.count != count {
        throw ModelFileError(
          .unsupported, at: [loss.layer.place],
          "asks for another truth than an earlier layer; all costs of a network share one",
          expected: "\(needed.count) numbers, as layer \(needed.loss.layer.index)",
          found: "\(count)")
      }
      needed = (count, loss)
    }
    return needed?.count ?? 0
  }

  /// The numbers of some rows, one after another.
  func rows(_ rows: [Int]) -> (x: [Double], y: [Double]) {
    (
      rows.flatMap { x[($0 * inputs)..<(($0 + 1) * inputs)].map(Double.init) },
      rows.flatMap { y[($0 * truths)..<(($0 + 1) * truths)].map(Double.init) }
    )
  }
}
