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

/// Some of the channels.
public struct ChannelSlice: Operation {
  /// The channels that remain.
  public let channels: Range<Int>
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A slice.
  public init(channels: Range<Int>) { self.channels = channels }

  /// `[channels.count, …]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let shape = try inputs.only()
    guard channels.lowerBound >= 0, channels.upperBound <= layout.channels(of: shape) else {
      throw ModelFileError(
        .damaged, "takes channels that are not there", expected: "\(channels.upperBound) or more",
        found: "\(layout.channels(of: shape))")
    }
    return layout.shape(channels: channels.count, spatial: layout.spatial(of: shape))
  }
}

/// The sum of values; the result has the shape of the first. Of an input with more channels the first
/// are taken, one with fewer adds to the first.
public struct Addition: Operation {
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .added }

  /// A sum.
  public init() {}

  /// The shape of the first input; height and width must agree.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard let first = inputs.first else {
      throw ModelFileError(.damaged, "adds nothing", expected: "at least two inputs")
    }
    for shape in inputs where layout.spatial(of: shape) != layout.spatial(of: first) {
      throw ModelFileError(
        .damaged, "adds values of different height or width", expected: "\(first)",
        found: "\(shape)")
    }
    return first
  }
}

/// The product of two values; an extent of 1 in either is repeated.
public struct Multiplication: Operation {
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .multiplied }

  /// A product.
  public init() {}

  /// The larger of the extents, axis by axis.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard inputs.count == 2, inputs[0].rank == inputs[1].rank else {
      throw ModelFileError(
        .damaged, "multiplies two values of the same rank", found: "\(inputs)")
    }
    var extents: [Int] = []
    for (a, b) in zip(inputs[0].extents, inputs[1].extents) {
      guard a == b || a == 1 || b == 1 else {
        throw ModelFileError(
          .damaged, "multiplies values whose shapes don't fit", expected: "\(inputs[0])",
          found: "\(inputs[1])")
      }
      extents.append(max(a, b))
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

extension Addition {
  /// Nothing for a single value.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: inputs.count == 1)
  }

  /// Values of one shape; else the first decides.
  public func isCommutative(on shapes: [Shape]) -> Bool { shapes.allSatisfy { $0 == shapes.first } }
}

extension Multiplication {
  /// `a · b = b · a`
  public func isCommutative(on shapes: [Shape]) -> Bool { true }
}

extension ChannelSlice {
  /// Nothing if all channels are taken.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: inputs == [output])
  }
}
