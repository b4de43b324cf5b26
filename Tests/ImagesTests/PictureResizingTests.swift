import Testing

@testable import Images

struct PictureResizingTests {
  /// Columns that grow by 10, rows by 100.
  private func slope(_ width: Int, _ height: Int) -> Picture {
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        pixels += [UInt8(10 * column), UInt8(10 * row), 255]
      }
    }
    return Picture(width: width, height: height, pixels: pixels)
  }

  @Test func ofTheSameSizeNothingChanges() {
    let planes = PictureResizing.stretch(to: 5, 4).planes(of: slope(5, 4), channels: 3)
    for row in 0..<4 {
      for column in 0..<5 {
        #expect(planes[row * 5 + column] == Float(Double(10 * column) / 255))
        #expect(planes[20 + row * 5 + column] == Float(Double(10 * row) / 255))
        #expect(planes[40 + row * 5 + column] == 1)
      }
    }
  }

  @Test func cornersStayOnCorners() {
    let planes = PictureResizing.stretch(to: 9, 3).planes(of: slope(5, 3), channels: 3)
    // Halfway between columns of 0 and 10.
    #expect(abs(planes[1] - 5 / 255) < 1e-6)
    #expect(abs(planes[8] - 40 / 255) < 1e-6)
  }

  @Test func letterboxFillsWithGrey() {
    let picture = slope(8, 4)
    let resizing = PictureResizing.letterbox(of: picture, to: 8, 8)
    #expect(resizing.target == PictureResizing.Region(x: 0, y: 2, width: 8, height: 4))
    let planes = resizing.planes(of: picture, channels: 3)
    #expect(planes[0] == 0.5 && planes[15] == 0.5 && planes[16] == 0 && planes[63] == 0.5)
  }

  /// darknet divides by zero for these, or leaves nothing of the picture.
  @Test(arguments: [(1, 1), (1, 7), (7, 1), (200, 1), (1, 200)])
  func oddSizes(_ width: Int, _ height: Int) {
    let picture = slope(min(width, 20), min(height, 20))
    for (wide, high) in [(1, 1), (2, 1), (1, 2), (6, 5)] {
      for resizing in [
        PictureResizing.stretch(to: wide, high),
        PictureResizing.letterbox(of: picture, to: wide, high),
      ] {
        let planes = resizing.planes(of: picture, channels: 1)
        #expect(planes.count == wide * high)
        #expect(planes.allSatisfy { (0...1).contains($0) })
      }
    }
    let long = Picture(width: 5000, height: 1, color: .white)
    let planes = PictureResizing.letterbox(of: long, to: 8, 8).planes(of: long, channels: 3)
    #expect(planes.allSatisfy { $0 == 0.5 })
  }

  @Test func greyIsWeighted() {
    let picture = Picture(width: 1, height: 1, pixels: [200, 100, 50])
    let planes = PictureResizing.stretch(to: 1, 1).planes(of: picture, channels: 1)
    // (77 · 200 + 150 · 100 + 29 · 50) / 256, rounded down
    #expect(planes == [Float(124.0 / 255)])
  }
}
