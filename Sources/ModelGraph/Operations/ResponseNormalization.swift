import FileSupport

/// Local response normalization over the channels at each pixel, as darknet computes it
/// (`normalization_layer.c`): a running sum that starts one channel short and never forgets that.
///
/// ```
/// n[0] = kappa + alpha · Σ over k < size / 2 of x[k]²
/// n[k] = n[k − 1] − alpha · x[k − (size − 1) / 2 − 1]²    if that channel exists
///                 + alpha · x[k + size / 2]²              if that channel exists
/// y[k] = x[k] · n[k]^−beta
/// ```
///
/// Divisions of integers cut off. Channels are taken off that were never put on, so with a large `alpha`
/// *n* can fall to 0 or below, where darknet gives NaN. There the sum over the window that is meant
/// counts instead: `n[k] = kappa + alpha · Σ over k − (size − 1) / 2 … k + size / 2 of x²`. The sums are
/// of floats.
public struct LocalResponseNormalization: Operation {
  /// The width of the window in channels. `size / 2` is at most the number of channels.
  public let size: Int
  /// The factor of the squares; not divided by `size`.
  public let alpha: Double
  /// The exponent.
  public let beta: Double
  /// What the sum starts from.
  public let kappa: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A local response normalization.
  public init(size: Int, alpha: Double, beta: Double, kappa: Double) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.kappa = kappa
  }

  /// The shape of the image.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    guard size / 2 <= layout.channels(of: image) else {
      throw ModelFileError(
        .damaged, "the window is wider than there are channels",
        expected: "a size below \(2 * layout.channels(of: image) + 2)", found: "\(size)")
    }
    return image
  }
}

/// Each pixel's channels brought to length 1 (pjreddie's `l2norm_layer.c`):
/// `y[c, p] = x[c, p] / √(Σ over k of x[k, p]²)`, NaN where all are 0.
public struct L2Normalization: Operation {
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A normalization to length 1.
  public init() {}

  /// The shape of the image.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    try inputs.onlyImage()
  }
}
