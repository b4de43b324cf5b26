import FileSupport

/// Cells of one value around an array, along every axis (Keras's `ZeroPadding…`).
public struct Pad: Operation {
  /// The noun.
  public static let caption = "padding"

  /// The cells for each axis of the sample.
  public let margins: [Padding]
  /// What stands in them.
  public let value: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A border.
  public init(margins: [Padding], value: Double = 0) {
    self.margins = margins
    self.value = value
  }

  /// Every extent with its margins.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard margins.count == input.rank, margins.allSatisfy({ min($0.before, $0.after) >= 0 })
    else {
      throw ModelFileError(
        .damaged, "the margins don't fit the value",
        expected: "two numbers of cells for each axis of \(input)",
        found: "\(margins.map { [$0.before, $0.after] })")
    }
    return Shape(zip(input.extents, margins).map { $0.clampedSum($1.total) })
  }
}

extension Pad {
  /// Nothing if there is no border.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: inputs == [output])
  }
}

extension Pad {
  /// At the same axes.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? {
    .changed(Pad(margins: move.moved(margins), value: value))
  }
}
