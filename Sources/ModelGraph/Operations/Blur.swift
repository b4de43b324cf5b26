import FileSupport

/// A fixed blur of each channel that takes over the stride of the layer before it (darknet's
/// `antialiasing`): `y[c, p] = Σ x[c, p · stride + k − padding] · w[k]`. Cells outside the image are 0.
public struct Blur: WindowedOperation {
  /// What asks for it.
  public static let caption = "antialiasing"

  /// The weights *w*.
  public enum Kernel: String, Sendable {
    /// `[1 2 1]ᵀ · [1 2 1] / 16`, a cell of padding on every side (`antialiasing=1`).
    case binomial
    /// The mean of 2 × 2 cells without padding (`antialiasing=2`).
    case mean

    /// The extent along both axes.
    public var size: Int { self == .binomial ? 3 : 2 }

    /// The weights, row by row.
    public var weights: [Float] {
      switch self {
      case .binomial: [1, 2, 1, 2, 4, 2, 1, 2, 1].map { $0 / 16 }
      case .mean: [1, 1, 1, 1].map { $0 / 4 }
      }
    }
  }

  /// The weights.
  public let kernel: Kernel
  /// How the kernel moves.
  public let window: Window
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A blur.
  public init(_ kernel: Kernel, strides: [Int]) {
    self.kernel = kernel
    let side =
      kernel == .binomial ? Padding(before: 1, after: 1) : .none
    window = Window(
      size: [kernel.size, kernel.size], strides: strides, padding: [side, side])
  }

  /// `[C, (in + padding − size) / stride + 1, …]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    return layout.shape(
      channels: layout.channels(of: image),
      spatial: try window.outputExtents(of: layout.spatial(of: image)))
  }

  /// One product for each value and each cell of the kernel.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    Shape([output.elementCount, kernel.size, kernel.size]).elementCount
  }
}
