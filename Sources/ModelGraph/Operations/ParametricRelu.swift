import FileSupport

/// `x` if positive, else `slope · x` with learned slopes (`layers/activations/prelu.py`).
public struct ParametricRelu: Operation {
  /// The slopes: of the shape of the sample, with 1 on axes that share them.
  public let slopes: Parameter
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A function with these slopes.
  public init(slopes: Parameter) { self.slopes = slopes }

  /// The shape of the input, which the slopes must fit.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard slopes.shape.rank == input.rank,
      zip(slopes.shape.extents, input.extents).allSatisfy({ $0 == 1 || $0 == $1 })
    else {
      throw ModelFileError(
        .damaged, "the slopes don't fit the value", expected: "\(input), or 1 on shared axes",
        found: "\(slopes.shape)")
    }
    return input
  }

  /// The slopes.
  public var parameters: [Parameter] { [slopes] }
}
