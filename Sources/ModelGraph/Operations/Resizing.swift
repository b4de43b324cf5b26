import FileSupport

/// An image of another height and width, as `tf.image.resize` makes it without antialiasing: Keras's
/// `Resizing` (`layers/preprocessing/image_preprocessing/resizing.py`) and its `UpSampling2D`.
///
/// Cell *i* of *N* has its centre at `p = (i + ½) · n / N − ½` in the *n* cells of the image, in float32
/// arithmetic. It is a sum of cells near *p*, with a weight along each axis for its distance *d* from *p*;
/// cells beyond the edge have none, and except in the bilinear rule the weights are divided by their sum.
public struct Resizing: Operation {
  /// Which cells are summed with which weights.
  public enum Interpolation: String, Sendable, CaseIterable {
    /// The cell that *p* lies in.
    case nearest
    /// `1 − d` for the two cells beside *p*; a cell beyond the edge is that at the edge.
    case bilinear
    /// Keys's cubic with a = −½ for the two cells on each side, *p* being rounded to 1/1024 of a cell:
    /// `(3d³ − 5d² + 2) / 2` within 1, `(−d³ + 5d² − 8d + 4) / 2` from there to 2.
    case bicubic
    /// `sinc(d) · sinc(d / 3)` within 3, with `sinc(d) = sin(πd) / (πd)`.
    case lanczos3
    /// `sinc(d) · sinc(d / 5)` within 5.
    case lanczos5
  }

  /// The largest height or width that is made: the weights of every row and column are held in memory.
  private static let maximumSize = 1 << 20

  /// The new height and width.
  public let size: [Int]
  /// The rule.
  public let interpolation: Interpolation
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 1) }

  /// A change of size.
  public init(size: [Int], interpolation: Interpolation) {
    self.size = size
    self.interpolation = interpolation
  }

  /// The channels of the image, and the size.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    guard size.count == 2, (size + image.extents).allSatisfy({ $0 > 0 }),
      size.allSatisfy({ $0 <= Self.maximumSize })
    else {
      throw ModelFileError(
        .damaged, "resizes to or from an image without cells",
        expected: "a height and a width of 1 or more", found: "\(image) to \(size)")
    }
    return layout.shape(channels: layout.channels(of: image), spatial: size)
  }
}

extension Resizing {
  /// Nothing if the size stays: these kernels are 0 at whole distances, the others are not quite.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(
      self, unless: inputs == [output] && [.nearest, .bilinear, .bicubic].contains(interpolation))
  }
}
