import FileSupport

/// The elements of an image in the order height, width, channel, or out of it, under the image's own
/// shape (pjreddie's `[reorg]` with `flatten`, `blas.c: flatten`).
///
/// With `S = H · W` and memory positions of the image in channel, height, width order:
/// `y[s · C + c] = x[c · S + s]`; the reverse is `y[c · S + s] = x[s · C + c]`.
public struct Interleaving: Operation {
  /// Whether the elements stand interleaved in the input rather than in the result.
  public let isReverse: Bool
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A change of order.
  public init(isReverse: Bool) { self.isReverse = isReverse }

  /// The shape of the image.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    try inputs.onlyImage()
  }
}
