import FileSupport

/// Each number rounded to the nearest that a shorter type can hold, to the even one of two: what is left of a
/// value that Keras computes in `mixed_float16` or `mixed_bfloat16`.
public struct Cast: Operation {
  /// The type: `float16` or `bfloat16`.
  public let type: ElementType
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A cast.
  public init(to type: ElementType) { self.type = type }

  /// The shape of the input.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard type == .float16 || type == .bfloat16 else {
      throw ModelFileError(
        .damaged, "rounds to a type that values are not computed in",
        expected: "float16 or bfloat16", found: type.rawValue)
    }
    return try inputs.only()
  }
}

extension Cast {
  /// Nothing: what is computed in which type is held against the tolerances.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    .identity
  }
}
