import FileSupport

/// The extents of a tensor, outermost first, without the batch axis.
public struct Shape: Sendable, Hashable {
  /// The extents. None is negative.
  public let extents: [Int]

  /// Makes a shape from extents.
  public init(_ extents: [Int]) {
    self.extents = extents
  }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The number of elements, 1 for a scalar. A product that does not fit an `Int` is clamped to
  /// `Int.max`, which every limit refuses.
  public var elementCount: Int {
    extents.reduce(1) { $0.clampedProduct($1) }
  }
}

extension Int {
  /// The product, clamped to what an `Int` holds: sizes out of a hostile file must not trap.
  public func clampedProduct(_ other: Int) -> Int {
    let (result, overflows) = multipliedReportingOverflow(by: other)
    guard overflows else { return result }
    return (self < 0) == (other < 0) ? .max : .min
  }

  /// The sum, clamped likewise.
  public func clampedSum(_ other: Int) -> Int {
    let (result, overflows) = addingReportingOverflow(other)
    guard overflows else { return result }
    return self < 0 ? .min : .max
  }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// `[3, 416, 416]`
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The extents between brackets, as JSON has them.
  public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }
}

/// In which order the axes of an image-like value stand.
public enum ImageLayout: String, Sendable {
  /// `[C, H, W]`: darknet, Keras with `channels_first`.
  case channelsFirst
  /// `[H, W, C]`: Keras by default.
  case channelsLast

  /// The axis of the channels in a shape of this rank.
  public func channelAxis(rank: Int) -> Int {
    self == .channelsFirst ? 0 : max(rank - 1, 0)
  }

  /// The number of channels of a value.
  public func channels(of shape: Shape) -> Int {
    shape.rank == 0 ? 1 : shape.extents[channelAxis(rank: shape.rank)]
  }

  /// The extents without the channels: `[H, W]` of an image.
  public func spatial(of shape: Shape) -> [Int] {
    var extents = shape.extents
    if !extents.isEmpty { extents.remove(at: channelAxis(rank: shape.rank)) }
    return extents
  }

  /// Puts channels and spatial extents together.
  public func shape(channels: Int, spatial: [Int]) -> Shape {
    self == .channelsFirst ? Shape([channels] + spatial) : Shape(spatial + [channels])
  }
}
