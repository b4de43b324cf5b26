/// How darknet makes a picture of any size into a network's input (`image.c`): planes of red, green and blue, 0 to 1, or one
/// plane of grey.
public struct PictureResizing: Sendable, Equatable {
  /// The input's columns.
  public let width: Int
  /// The input's rows.
  public let height: Int
  /// The part of the input that the picture is drawn to; grey fills the rest.
  public let target: Region

  /// A rectangle of whole pixels.
  public struct Region: Sendable, Equatable {
    /// Its first column.
    public let x: Int
    /// Its first row.
    public let y: Int
    /// Its columns.
    public let width: Int
    /// Its rows.
    public let height: Int
  }

  /// The picture is drawn to all of the input, along both axes for themselves.
  public static func stretch(to width: Int, _ height: Int) -> PictureResizing {
    PictureResizing(
      width: width, height: height, target: Region(x: 0, y: 0, width: width, height: height))
  }

  /// The picture keeps its proportions (`letterbox_image`): it fills the input along one axis and stands in the middle of
  /// the other one. Both are rounded down as in darknet, so that of a very long picture nothing may be left.
  public static func letterbox(
    of picture: Picture, to width: Int, _ height: Int
  ) -> PictureResizing {
    let isWide = Float(width) / Float(picture.width) < Float(height) / Float(picture.height)
    let newWidth = isWide ? width : picture.width * height / picture.height
    let newHeight = isWide ? picture.height * width / picture.width : height
    return PictureResizing(
      width: width, height: height,
      target: Region(
        x: (width - newWidth) / 2, y: (height - newHeight) / 2, width: newWidth,
        height: newHeight))
  }

  /// What darknet fills up with.
  private static let grey: Float = 0.5

  /// The network's input.
  ///
  /// - Parameters:
  ///   - picture: the picture.
  ///   - channels: 3 for red, green and blue, 1 for grey.
  /// - Returns: `channels · height · width` numbers, plane by plane.
  public func planes(of picture: Picture, channels: Int) -> [Float] {
    precondition(channels == 1 || channels == 3)
    let isFilled = target.width == width && target.height == height
    var result = [Float](
      repeating: isFilled ? 0 : Self.grey, count: channels * width * height)
    guard target.width > 0, target.height > 0 else { return result }
    let columns = Axis(from: picture.width, to: target.width)
    let rows = Axis(from: picture.height, to: target.height)
    // Neighbouring rows of the target lie between the same two of the picture, or the next two.
    var upper = (row: -1, values: [Float]())
    var lower = (row: -1, values: [Float]())
    for row in 0..<target.height {
      let (first, weight) = rows[row]
      if upper.row != first {
        upper =
          lower.row == first ? lower : (first, picture.line(first, by: columns, channels: channels))
      }
      let isBetween = rows.isBetween(row)
      if isBetween, lower.row != first + 1 {
        lower = (first + 1, picture.line(first + 1, by: columns, channels: channels))
      }
      for channel in 0..<channels {
        let start = (channel * height + target.y + row) * width + target.x
        let line = channel * target.width
        if picture.width == target.width, picture.height == target.height {
          for column in 0..<target.width { result[start + column] = upper.values[line + column] }
        } else if isBetween {
          for column in 0..<target.width {
            result[start + column] =
              (1 - weight) * upper.values[line + column] + weight * lower.values[line + column]
          }
        } else {
          for column in 0..<target.width {
            result[start + column] = (1 - weight) * upper.values[line + column]
          }
        }
      }
    }
    return result
  }
}

/// Where the cells of a target lie between those of a picture, corners on corners (`resize_image`).
private struct Axis {
  private let source: Int
  private let target: Int
  private let scale: Float

  init(from source: Int, to target: Int) {
    self.source = source
    self.target = target
    // darknet divides by zero for a target of one cell, which is the first one all the same.
    scale = target > 1 ? Float(source - 1) / Float(target - 1) : 0
  }

  /// The cell in front of it, and how far it is from there to the next.
  subscript(index: Int) -> (first: Int, weight: Float) {
    let place = Float(index) * scale
    // Rounding may lead a hair behind the last cell.
    let first = min(Int(place), source - 1)
    return (first, place - Float(first))
  }

  /// Whether the next cell plays a part.
  func isBetween(_ index: Int) -> Bool {
    index != target - 1 && source != 1 && self[index].first + 1 < source
  }

  var last: Int { source - 1 }
}

extension Picture {
  /// A row drawn to other columns, plane by plane.
  fileprivate func line(_ row: Int, by columns: Axis, channels: Int) -> [Float] {
    let target = columns.count
    var values = [Float](repeating: 0, count: channels * target)
    let start = 3 * row * width
    for column in 0..<target {
      let (first, weight) = columns[column]
      let isBetween = columns.isBetween(column)
      let pixel = start + 3 * (column == target - 1 || width == 1 ? columns.last : first)
      for channel in 0..<channels {
        let value = sample(pixel, channel, channels)
        values[channel * target + column] =
          isBetween
          ? (1 - weight) * value + weight * sample(pixel + 3, channel, channels) : value
      }
    }
    return values
  }

  /// A number of a pixel, 0 to 1. Grey is what stb_image makes of three colours.
  private func sample(_ pixel: Int, _ channel: Int, _ channels: Int) -> Float {
    guard channels == 1 else { return Float(Double(pixels[pixel + channel]) / 255) }
    let (red, green, blue) = (
      Int(pixels[pixel]), Int(pixels[pixel + 1]), Int(pixels[pixel + 2])
    )
    return Float(Double((77 * red + 150 * green + 29 * blue) >> 8) / 255)
  }
}

extension Axis {
  fileprivate var count: Int { target }
}
