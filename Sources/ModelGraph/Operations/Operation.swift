import FileSupport

/// What a node computes: a value type that knows its shape rule and its cost.
///
/// The kernels that compute it (`Inference`), its gradient (`Training`) and its form in each format
/// stand with those targets, under the same name.
public protocol Operation: Sendable {
  /// What it is called in a message: `weighted addition`.
  static var caption: String { get }

  /// The operation without what means nothing for values of these shapes, as a comparison of configurations sees it;
  /// by default the operation itself.
  func simplestForm(inputs: [Shape], output: Shape, layout: ImageLayout) -> SimplestForm

  /// Whether inputs of these shapes can stand in any order; by default they can't.
  func isCommutative(on shapes: [Shape]) -> Bool

  /// What becomes of the inputs' errors. Without a default: forgetting it must not compile.
  var errorPropagation: ErrorPropagation { get }

  /// What it becomes where images lie the other way round; by default that is not known.
  ///
  /// - Parameters:
  ///   - move: where the axes go.
  ///   - inputs: the shapes of what it takes, as they are in its own graph.
  func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange?

  /// The shape of the result.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the inputs don't fit, without a place; the
  ///   builder adds the layer.
  func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape

  /// The shapes of the values that it gives besides its first, each of which a ``FurtherValue`` may take; by default there
  /// are none.
  ///
  /// - Throws: as ``outputShape(of:layout:)``.
  func furtherShapes(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> [Shape]

  /// How many samples of the result there are for each sample of the model, its inputs having
  /// `samples` of them (``Node/samples``).
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if that is no whole number, without a place.
  func outputSamples(of samples: Int, inputs: [Shape]) throws(ModelFileError) -> Int

  /// The multiply-adds of one pass for one sample; 0 where no products are summed.
  func multiplyAdds(inputs: [Shape], output: Shape) -> Int

  /// The parameters, in the order in which the operation names them.
  var parameters: [Parameter] { get }
}

extension Operation {
  /// The words of the type's name.
  public static var caption: String {
    "\(Self.self)".reduce(into: "") { text, letter in
      if letter.isUppercase, !text.isEmpty, text.last != "<" { text += " " }
      text += letter.lowercased()
    }
  }

  /// Most operations have no options that mean nothing.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    .operation(self)
  }

  /// Most operations take one value, or several that each have a part.
  public func isCommutative(on shapes: [Shape]) -> Bool { false }

  /// Nothing is known of most operations: no format that goes by another layout has them.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? { nil }

  /// Most operations keep the shape of their only input.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    try inputs.only()
  }

  /// Most operations give one value.
  public func furtherShapes(
    of inputs: [Shape], layout: ImageLayout
  ) throws(ModelFileError) -> [Shape] { [] }

  /// Most operations make a sample of each.
  public func outputSamples(of samples: Int, inputs: [Shape]) throws(ModelFileError) -> Int {
    samples
  }

  /// Most operations sum no products.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { 0 }

  /// Most operations have no parameters.
  public var parameters: [Parameter] { [] }
}

extension [Shape] {
  /// The only input of an operation that takes one.
  func only() throws(ModelFileError) -> Shape {
    guard count == 1, let first else {
      throw ModelFileError(
        .damaged, "takes another number of inputs", expected: "1", found: "\(count)")
    }
    return first
  }

  /// The only input, which must be an image of two spatial axes.
  func onlyImage() throws(ModelFileError) -> Shape {
    let shape = try only()
    guard shape.rank == 3 else {
      throw ModelFileError(
        .damaged, "takes an image", expected: "3 axes: channels, height, width", found: "\(shape)")
    }
    return shape
  }

  /// The only input, which must have channels and so many spatial axes.
  func onlyImage(axes: ClosedRange<Int>) throws(ModelFileError) -> Shape {
    let shape = try only()
    guard axes.contains(shape.rank - 1) else {
      throw ModelFileError(
        .damaged, "takes an image",
        expected: "channels and \(axes.lowerBound) to \(axes.upperBound) further axes",
        found: "\(shape)")
    }
    return shape
  }

  /// The only input, an image that is cut into blocks or enlarged by `factor`.
  func onlyImage(inBlocksOf factor: Int) throws(ModelFileError) -> Shape {
    guard factor > 0 else {
      throw ModelFileError(
        .damaged, "the factor is no number of cells", expected: "1 or more", found: "\(factor)")
    }
    return try onlyImage()
  }
}

/// A value that comes from outside.
public struct Input: Operation {
  /// Its shape without the batch axis.
  public let shape: Shape
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// An input of the model.
  public init(shape: Shape) { self.shape = shape }

  /// Its own shape.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    shape
  }
}
