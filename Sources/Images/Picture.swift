/// A picture in memory: 8 bits for each of red, green and blue, pixel by pixel, the top row first.
public struct Picture: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Three numbers for each pixel.
  public internal(set) var pixels: [UInt8]

  /// A picture of these pixels.
  ///
  /// - Precondition: there are `3 · width · height` of them, and at least one.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == 3 * width * height)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour.
  public init(width: Int, height: Int, color: Color) {
    var pixels = [UInt8](repeating: color.red, count: 3 * width * height)
    if color.green != color.red || color.blue != color.red {
      for pixel in 0..<(width * height) {
        pixels[3 * pixel + 1] = color.green
        pixels[3 * pixel + 2] = color.blue
      }
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}

/// A colour, 8 bits for each part.
public struct Color: Sendable, Equatable {
  /// Red.
  public var red: UInt8
  /// Green.
  public var green: UInt8
  /// Blue.
  public var blue: UInt8

  /// A colour.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// Black.
  public static let black = Color(0, 0, 0)
  /// White.
  public static let white = Color(255, 255, 255)
}
