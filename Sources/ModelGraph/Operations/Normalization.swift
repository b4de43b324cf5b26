import FileSupport

/// Numbers brought to the same size, by what all along some axes have in common; nothing is learned.
public struct Normalization: Operation {
  /// What they are brought to.
  public enum Rule: String, Sendable, CaseIterable {
    /// `(x − mean) / √(variance + ε)`, the variance being that of the numbers themselves: `Σ (x − mean)² / n`
    /// (`layers/normalization/layer_normalization.py`, `group_normalization.py`).
    case meanVariance
    /// `x / √(mean of x² + ε)` (`rms_normalization.py`).
    case rootMeanSquare
    /// `x / √max(Σ x², ε)`. tf_keras has an ε of 10⁻¹² (`tf.linalg.l2_normalize`); Keras 3, which limits
    /// `1 / √Σ x²` to 10¹² (`ops.normalize`, `unit_normalization.py`), one of 10⁻²⁴.
    case length
  }

  /// The rule.
  public let rule: Rule
  /// The axes of the sample whose numbers are taken together.
  public let axes: [Int]
  /// Whether the numbers of all samples are taken together too, as batch normalization does in training.
  public let includesBatch: Bool
  /// What keeps the divisor from 0.
  public let epsilon: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.allInputs) }

  /// A normalization.
  public init(_ rule: Rule, axes: [Int], epsilon: Double, includesBatch: Bool = false) {
    self.includesBatch = includesBatch
    self.rule = rule
    self.axes = axes
    self.epsilon = epsilon
  }

  /// The shape of the input.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    // Of vectors the batch is the only axis to take numbers along.
    if !includesBatch || !axes.isEmpty { try input.checkGathered(axes: axes) }
    return input
  }
}

extension Normalization {
  /// With the axes in order.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    .operation(
      Normalization(rule, axes: axes.sorted(), epsilon: epsilon, includesBatch: includesBatch))
  }
}

extension Normalization {
  /// Along the same axes.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? {
    let rank = inputs[0].rank
    return .changed(
      Normalization(
        rule, axes: axes.map { move.place(of: $0, rank: rank) }, epsilon: epsilon,
        includesBatch: includesBatch))
  }
}
