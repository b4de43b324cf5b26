import FileSupport

/// Each element repeated along each axis: `y[i, j, …] = x[i / counts[0], j / counts[1], …]`
/// (Keras's `UpSampling…` to the nearest element, numpy's `repeat` along each axis).
public struct Repeat: Operation {
  /// The noun.
  public static let caption = "repetition"

  /// How often, for each axis of the sample.
  public let counts: [Int]
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A repetition.
  public init(counts: [Int]) { self.counts = counts }

  /// Every extent times its count.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard counts.count == input.rank, counts.allSatisfy({ $0 > 0 }) else {
      throw ModelFileError(
        .damaged, "the repetitions don't fit the value",
        expected: "1 or more for each axis of \(input)", found: "\(counts)")
    }
    return Shape(zip(input.extents, counts).map { $0.clampedProduct($1) })
  }
}

extension Repeat {
  /// Nothing if all is there once.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: counts.allSatisfy { $0 == 1 })
  }
}

extension Repeat {
  /// Along the same axes.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? {
    .changed(Repeat(counts: move.moved(counts)))
  }
}
