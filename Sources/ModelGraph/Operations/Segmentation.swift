import FileSupport

/// pjreddie's `[iseg]` (`iseg_layer.c`): planes of classes and an embedding of each pixel that tells
/// instances apart.
///
/// `y = 1 / (1 + e⁻ˣ)` on the first `classes` channels, `y = x` on the `embedding` channels behind them.
public struct SegmentationHead: Operation {
  /// The number of classes.
  public let classes: Int
  /// Numbers of a pixel's embedding.
  public let embedding: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A head.
  public init(classes: Int, embedding: Int) {
    self.classes = classes
    self.embedding = embedding
  }

  /// The shape of the image.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    guard Int.sum([classes, embedding]) == layout.channels(of: image) else {
      throw ModelFileError(
        .damaged, "takes another number of channels", expected: "\(Int.sum([classes, embedding]))",
        found: "\(layout.channels(of: image))")
    }
    return image
  }
}
