import FileSupport

/// One number out of all along some axes.
public struct Reduce: Operation {
  /// The noun.
  public static let caption = "reduction"

  /// What becomes of the numbers.
  public enum Rule: String, Sendable, CaseIterable {
    /// Their sum.
    case sum
    /// Their mean.
    case mean
    /// The largest; NaN if one of them is.
    case maximum
    /// The smallest; NaN if one of them is.
    case minimum
    /// Their product.
    case product
  }

  /// The rule.
  public let rule: Rule
  /// The axes of the sample that it is applied along, together.
  public let axes: [Int]
  /// Whether these axes stay, with an extent of 1.
  public let keepsAxes: Bool
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation {
    switch rule {
    case .sum, .mean: .summed(.inputsPerOutput)
    case .maximum, .minimum: .function(slope: 1)
    case .product: .multiplied
    }
  }

  /// A reduction.
  public init(_ rule: Rule, axes: [Int], keepsAxes: Bool = false) {
    self.rule = rule
    self.axes = axes
    self.keepsAxes = keepsAxes
  }

  /// The shape of the input without the axes, or with 1 in their places.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    try input.checkGathered(axes: axes)
    let kept = input.extents.enumerated().compactMap { axis, extent in
      axes.contains(axis) ? (keepsAxes ? 1 : nil) : extent
    }
    return Shape(kept)
  }
}

extension Shape {
  /// Refuses axes that are not there, are named twice, or have no elements.
  func checkGathered(axes: [Int]) throws(ModelFileError) {
    guard axes.allSatisfy(extents.indices.contains), Set(axes).count == axes.count else {
      throw ModelFileError(
        .damaged, "takes axes together that are not there", expected: "axes of \(self), each once",
        found: "\(axes)")
    }
    guard axes.allSatisfy({ extents[$0] > 0 }) else {
      throw ModelFileError(
        .damaged, "takes numbers together of which there are none", found: "\(self)")
    }
  }
}

extension Reduce {
  /// Nothing along no axis; else with the axes in order.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    let sorted = Reduce(rule, axes: axes.sorted(), keepsAxes: keepsAxes)
    return SimplestForm(sorted, unless: axes.isEmpty && inputs == [output])
  }
}

extension Reduce {
  /// Along the same axes, if what is left of the others is no image of another kind.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? {
    let rank = inputs[0].rank
    guard keepsAxes || rank - axes.count < 2 else { return .elementOrder }
    return .changed(
      Reduce(rule, axes: axes.map { move.place(of: $0, rank: rank) }, keepsAxes: keepsAxes))
  }
}
