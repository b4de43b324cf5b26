import FileSupport

/// A softmax of its own over each of several stretches of a flat value, one after another: the siblings
/// of a tree of classes (`softmax_layer.c` with `tree`, `tree.c`).
///
/// `y = e^((x − m) / temperature) / Σ e^((x − m) / temperature)` within a stretch, *m* being its largest.
public struct GroupedSoftmax: Operation {
  /// The lengths of the stretches.
  public let sizes: [Int]
  /// What *x* is divided by.
  public let temperature: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 0.5) }

  /// A softmax in groups.
  public init(sizes: [Int], temperature: Double) {
    self.sizes = sizes
    self.temperature = temperature
  }

  /// The shape of the input, which the stretches must fill.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard Int.sum(sizes) == input.elementCount else {
      throw ModelFileError(
        .damaged, "the groups of the tree don't fill the values", expected: "\(input.elementCount)",
        found: "\(Int.sum(sizes))")
    }
    return input
  }
}

/// A softmax over the channels of each pixel: `y[c, p] = e^(x[c, p] − m) / Σ over k of e^(x[k, p] − m)`
/// (`softmax_layer.c` with `spatial`, as its GPU code does it; the temperature plays no part).
public struct PixelSoftmax: Operation {
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 0.5) }

  /// A softmax at each pixel.
  public init() {}

  /// The shape of the image.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    try inputs.onlyImage()
  }
}
