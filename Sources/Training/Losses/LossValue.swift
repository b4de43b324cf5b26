import FileSupport
import Inference
import ModelGraph

/// What a loss makes of one pass: its cost, summed over the samples, and `δ = −∂C/∂(its input)` in
/// darknet's scaling.
struct LossValue {
  /// darknet's `cost[0]`.
  let cost: Double
  /// δ for every number of the node.
  let delta: [Double]
}

/// What a loss is told beside the values.
struct LossContext {
  /// The truth of every sample, one after another.
  let truth: [Double]
  /// Images seen, those of this pass included.
  let seen: Int
  /// Height and width of the network's input.
  let imageExtents: (height: Int, width: Int)
}

extension Loss {
  /// Numbers of truth that each sample needs, for a node of this shape.
  func truthCount(for shape: Shape) -> Int {
    switch function {
    case .elementwise, .crossEntropy, .binaryCrossEntropy: shape.elementCount
    case .none: 0
    case .yolo(let loss): loss.maximumTruths * loss.truthSize
    case .region(let loss): loss.maximumTruths * loss.truthSize
    }
  }

  /// Whether δ enters in front of the node, whose own σ′ is part of the loss already.
  var entersBelowNode: Bool {
    if case .binaryCrossEntropy = function { return true }
    return false
  }

  /// The cost and δ of a pass.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a head that the loss is not for.
  func value(
    of prediction: TensorOf<Double>, at operation: any ModelGraph.Operation, _ context: LossContext
  ) throws(ModelFileError) -> LossValue {
    switch function {
    case .elementwise(let kind, let scale):
      return kind.value(prediction.values, context.truth, scale: scale)
    case .crossEntropy: return CrossEntropy.value(prediction.values, context.truth)
    case .binaryCrossEntropy: return CrossEntropy.binary(prediction.values, context.truth)
    case .none:
      return LossValue(
        cost: 0, delta: [Double](repeating: 0, count: prediction.values.count))
    case .yolo(let loss):
      if let head = operation as? YoloHead {
        return YoloComparison(head, loss, prediction, context).value()
      }
      if let head = operation as? GaussianYoloHead {
        return YoloComparison(head, loss, prediction, context).value()
      }
    case .region(let loss):
      if let head = operation as? RegionHead {
        return RegionComparison(head, loss, prediction, context).value()
      }
    }
    throw ModelFileError(.internalFault, "a loss is attached to \(type(of: operation))")
  }
}

/// Cross-entropies behind a softmax and behind a logistic function, whose δ is `t − p` at the input of
/// that function (`blas.c: softmax_x_ent_cpu, logistic_x_ent_cpu`).
enum CrossEntropy {
  /// `C = −Σ ln p` where `t ≠ 0`, as darknet counts it: for truths of 0 and 1 it is `−Σ t ln p`.
  static func value(_ p: [Double], _ t: [Double]) -> LossValue {
    let cost = zip(p, t).reduce(0) {
      $1.1 != 0 ? $0 - Formula.logarithm($1.0) : $0
    }
    return LossValue(cost: cost, delta: Equations.darknetDelta(prediction: p, truth: t))
  }

  /// `C = −Σ t ln p + (1 − t) ln (1 − p)`
  static func binary(_ p: [Double], _ t: [Double]) -> LossValue {
    let cost = zip(p, t).reduce(0) {
      $0 - $1.1 * Formula.logarithm($1.0) - (1 - $1.1) * Formula.logarithm(1 - $1.0)
    }
    return LossValue(cost: cost, delta: Equations.darknetDelta(prediction: p, truth: t))
  }
}

extension ElementwiseLoss {
  /// The truth that `masked` leaves out (`cost_layer.c: SECRET_NUM`).
  static let secret = -1234.0

  /// The cost, to which `scale` does not apply, and δ, to which it does (`cost_layer.c`).
  ///
  /// δ is that of half the cost: ``Equations/quadraticCost(prediction:truth:)`` is the half.
  /// pjreddie's `smooth` has the sign reversed beyond 1; this one descends.
  func value(_ p: [Double], _ t: [Double], scale: Double) -> LossValue {
    switch self {
    case .squared:
      return LossValue(
        cost: 2 * Equations.quadraticCost(prediction: p, truth: t),
        delta: Equations.darknetDelta(prediction: p, truth: t).map { scale * $0 })
    case .masked:
      return Self.squared.value(
        zip(p, t).map { $1 == Self.secret ? $1 : $0 }, t, scale: scale)
    case .smooth:
      let d = Equations.darknetDelta(prediction: p, truth: t)
      return LossValue(
        cost: d.reduce(0) { $0 + (abs($1) < 1 ? $1 * $1 : 2 * abs($1) - 1) },
        delta: d.map { scale * (abs($0) < 1 ? $0 : $0 > 0 ? 1 : -1) })
    case .absolute:
      let d = Equations.darknetDelta(prediction: p, truth: t)
      return LossValue(
        cost: d.reduce(0) { $0 + abs($1) }, delta: d.map { scale * ($0 > 0 ? 1 : -1) })
    }
  }
}
