import FileSupport

/// Values side by side along one axis.
public struct Concatenation: Operation {
  /// The axis of the sample; `nil` is that of the channels, wherever they stand.
  public let axis: Int?
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A concatenation.
  public init(axis: Int? = nil) { self.axis = axis }

  /// The extents of the axis add up; everything else must agree.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard let first = inputs.first else {
      throw ModelFileError(.damaged, "joins nothing", expected: "at least one input")
    }
    let axis = axis ?? layout.channelAxis(rank: first.rank)
    guard first.extents.indices.contains(axis) else {
      throw ModelFileError(
        .damaged, "joins values along an axis that they don't have", expected: "\(axis + 1) axes",
        found: "\(first)")
    }
    var extents = first.extents
    extents[axis] = 0
    for shape in inputs {
      var others = shape.extents
      if others.indices.contains(axis) { others[axis] = first.extents[axis] }
      guard others == first.extents else {
        throw ModelFileError(
          .damaged,
          self.axis == nil
            ? "joins values of different height or width"
            : "joins values that differ in more than axis \(axis)",
          expected: "\(first)", found: "\(shape)")
      }
      extents[axis] = extents[axis].clampedSum(shape.extents[axis])
    }
    return Shape(extents)
  }
}

extension Concatenation {
  /// Nothing for a single value; else along the axis that it goes by.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    let axis = axis ?? layout.channelAxis(rank: inputs.first?.rank ?? 0)
    return SimplestForm(Concatenation(axis: axis), unless: inputs.count == 1)
  }
}

extension Concatenation {
  /// Along the same axis.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? {
    guard let axis else { return .unchanged }
    return .changed(Concatenation(axis: move.place(of: axis, rank: inputs[0].rank)))
  }
}
