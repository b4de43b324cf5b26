import FileSupport
import ModelGraph

/// What a layer puts out, as darknet keeps it: an image, and the number of values beside it, because
/// the two part where a layer has no image form.
public struct LayerShape: Sendable, Equatable {
  /// `out_c`
  public let channels: Int
  /// `out_h`
  public let height: Int
  /// `out_w`
  public let width: Int
  /// `outputs`: values of one sample.
  public let count: Int

  /// The most values of one sample: darknet counts them in an `int`.
  static let maximumCount = Int(Int32.max)

  /// An image. Extents are at most 2³¹ each.
  init(channels: Int, height: Int, width: Int) {
    self.init(
      channels: channels, height: height, width: width,
      count: Shape([channels, height, width]).elementCount)
  }

  /// A vector, which darknet sees as an image of one pixel.
  init(vector count: Int) {
    self.init(channels: count, height: 1, width: 1, count: count)
  }

  /// Any combination.
  init(channels: Int, height: Int, width: Int, count: Int) {
    self.channels = channels
    self.height = height
    self.width = width
    self.count = count
  }

  /// Pixels times channels, which can differ from ``count``.
  var imageCount: Int { Shape([channels, height, width]).elementCount }

  /// Whether a layer that needs an image can follow.
  public var isImage: Bool { channels > 0 && height > 0 && width > 0 }

  /// Whether the image has more than one pixel.
  var isPlane: Bool { height > 1 || width > 1 }

  /// `[C, H, W]`, or `[K]` where there is no image.
  public var shape: Shape {
    isImage && imageCount == count ? [channels, height, width] : [count]
  }

  /// An image, or just a number of values where they differ.
  public var extents: [Int] { shape.extents }
}
