import FileSupport

/// Some of the elements along every axis, at even distances:
/// `y[i, j, …] = x[start + i · step, start′ + j · step′, …]` (Keras's croppings and indices).
public struct Slice: Operation {
  /// The noun.
  public static let caption = "slicing"

  /// The elements that remain along one axis.
  public struct Axis: Sendable, Hashable {
    /// The first.
    public let start: Int
    /// How many.
    public let count: Int
    /// From one to the next; negative where they are taken backwards.
    public let step: Int

    /// `count` elements from `start` on.
    public init(start: Int, count: Int, step: Int = 1) {
      self.start = start
      self.count = count
      self.step = step
    }

    /// The last.
    var end: Int { start.clampedSum((count - 1).clampedProduct(step)) }
  }

  /// What remains of each axis of the sample.
  public let axes: [Axis]
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A slice.
  public init(axes: [Axis]) { self.axes = axes }

  /// What is left of a value if cells are cut off at both ends of its axes.
  ///
  /// - Parameters:
  ///   - margins: the cells, for each axis from the first on; the axes behind them stay whole.
  ///   - shape: the value's.
  public init(cutting margins: [Padding], of shape: Shape) {
    axes = shape.extents.enumerated().map { axis, extent in
      let margin = margins.indices.contains(axis) ? margins[axis] : .none
      return Axis(start: margin.before, count: extent - margin.total)
    }
  }

  /// The cells that are cut off a value of this shape at both ends of each axis; `nil` if others are left out
  /// too, or the order changes.
  public func margins(of shape: Shape) -> [Padding]? {
    guard axes.allSatisfy({ $0.step == 1 || $0.count == 1 }) else { return nil }
    return zip(axes, shape.extents).map { axis, extent in
      Padding(before: axis.start, after: extent - axis.start - axis.count)
    }
  }

  /// The counts. At least one element of each axis must remain, and all must be there.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard axes.count == input.rank else {
      throw ModelFileError(
        .damaged, "slices another number of axes", expected: "\(input.rank)",
        found: "\(axes.count)")
    }
    for (axis, extent) in zip(axes, input.extents) {
      let elements = 0..<extent
      guard axis.count > 0, axis.step != 0, elements.contains(axis.start),
        elements.contains(axis.end)
      else {
        throw ModelFileError(
          .damaged, "takes elements that are not there", expected: "elements of 0 to \(extent - 1)",
          found: "\(axis.count) from \(axis.start) on, \(axis.step) apart")
      }
    }
    return Shape(axes.map(\.count))
  }
}

extension Slice {
  /// Nothing if all is taken in its order; a single element has no distance to the next.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    let plain = Slice(
      axes: axes.map { Axis(start: $0.start, count: $0.count, step: $0.count == 1 ? 1 : $0.step) })
    return SimplestForm(plain, unless: inputs == [output] && plain.axes.allSatisfy { $0.step > 0 })
  }
}

extension Slice {
  /// Of the same axes.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? {
    .changed(Slice(axes: move.moved(axes)))
  }
}
