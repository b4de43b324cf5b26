import FileSupport

/// One of the values that an operation gives besides its first: the value of a node of its own, which takes the
/// operation's node and stands behind it (``GraphBuilder/furtherValues(of:)``). Nothing is computed.
public struct FurtherValue: Operation {
  /// Which of the further values it is, counted from 0.
  public let position: Int
  /// Its shape.
  public let shape: Shape
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// The shape that the operation gives it.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    shape
  }
}
