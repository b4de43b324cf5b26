#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A rectangle by its middle and extents, in parts of the picture (or of the network's input). Computed as `box.c` does.
public struct Box: Sendable, Equatable {
  /// The middle's column.
  public var x: Float
  /// The middle's row.
  public var y: Float
  /// How wide it is.
  public var width: Float
  /// How high it is.
  public var height: Float

  /// A box.
  public init(x: Float, y: Float, width: Float, height: Float) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Whether all of it are numbers.
  public var isFinite: Bool { x.isFinite && y.isFinite && width.isFinite && height.isFinite }

  private var left: Float { x - width / 2 }
  private var right: Float { x + width / 2 }
  private var top: Float { y - height / 2 }
  private var bottom: Float { y + height / 2 }

  /// The area that both share.
  func intersection(_ other: Box) -> Float {
    let across = min(right, other.right) - max(left, other.left)
    let down = min(bottom, other.bottom) - max(top, other.top)
    return across < 0 || down < 0 ? 0 : across * down
  }

  /// The area that both share, over the area of both together; 0 where either is 0.
  public func intersectionOverUnion(_ other: Box) -> Float {
    let shared = intersection(other)
    let union = width * height + other.width * other.height - shared
    return shared == 0 || union == 0 ? 0 : shared / union
  }

  /// The intersection over union, less a power of the squared distance of the centres over the squared diagonal of the box
  /// around both.
  func nearness(_ other: Box, power: Double) -> Float {
    let across = max(right, other.right) - min(left, other.left)
    let down = max(bottom, other.bottom) - min(top, other.top)
    let diagonal = across * across + down * down
    let overlap = intersectionOverUnion(other)
    guard diagonal != 0 else { return overlap }
    let distance = (x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)
    return overlap - Float(pow(Double(distance / diagonal), power))
  }

  /// The box in the picture, from the one in the network's input (`correct_yolo_boxes`).
  func inPicture(_ placement: Placement) -> Box {
    let (input, picture) = (placement.input, placement.picture)
    func place(_ value: Float, _ whole: Int, _ part: Int) -> Float {
      let margin = Double(Float(whole - part)) / 2 / Double(whole)
      return Float((Double(value) - margin) / Double(Float(part) / Float(whole)))
    }
    func extent(_ value: Float, _ whole: Int, _ part: Int) -> Float {
      value * (1 / (Float(part) / Float(whole)))
    }
    return Box(
      x: place(x, input.width, picture.width), y: place(y, input.height, picture.height),
      width: extent(width, input.width, picture.width),
      height: extent(height, input.height, picture.height))
  }
}

/// Where the picture lies in a network's input: in its middle, with margins on two sides if it was letterboxed.
public struct Placement: Sendable, Equatable {
  /// The input's columns and rows.
  public let input: (width: Int, height: Int)
  /// Those that the picture was drawn to.
  public let picture: (width: Int, height: Int)

  /// A placement.
  public init(input: (width: Int, height: Int), picture: (width: Int, height: Int)) {
    self.input = input
    self.picture = picture
  }

  /// Equal in both.
  public static func == (a: Placement, b: Placement) -> Bool {
    a.input == b.input && a.picture == b.picture
  }
}
