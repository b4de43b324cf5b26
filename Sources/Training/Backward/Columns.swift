import FileSupport
import ModelGraph

/// The cells that each window of an image sees, as a matrix (darknet's `im2col.c`, `col2im.c`).
///
/// Row `(channel · size + ky) · size + kx`, column = place of the window: the cell
/// `(channel, py · stride + ky · dilation − before, px · stride + kx · dilation − before)`, 0 outside.
struct Columns {
  /// How the kernel moves.
  let window: Window
  /// Channels, height and width of the image.
  let image: (channels: Int, height: Int, width: Int)
  /// Places of the window.
  let places: (height: Int, width: Int)

  /// The cells of an image that a window sees at its places.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for windows over images of other than two axes.
  init(
    _ window: Window, image: (channels: Int, height: Int, width: Int),
    places: (height: Int, width: Int)
  ) throws(ModelFileError) {
    guard window.size.count == 2 else {
      throw ModelFileError(
        .unsupported, "windows over \(window.size.count) axes can't be trained through",
        expected: "images of height and width")
    }
    self.window = window
    self.image = image
    self.places = places
  }

  /// Rows of the matrix.
  var rows: Int { image.channels * window.size[0] * window.size[1] }
  /// Columns of the matrix.
  var count: Int { places.height * places.width }

  /// The matrix of an image that begins at `start`.
  func matrix(of numbers: [Double], at start: Int) -> [Double] {
    var result = [Double](repeating: 0, count: rows * count)
    forEach { result[$0] = numbers[start + $1] }
    return result
  }

  /// Adds a matrix to the cells that its numbers come from.
  func scatter(_ matrix: [Double], into numbers: inout [Double], at start: Int) {
    forEach { numbers[start + $1] += matrix[$0] }
  }

  /// Calls `body` for each number of the matrix that stands for a cell inside the image.
  @inline(__always)
  func forEach(_ body: (_ entry: Int, _ cell: Int) -> Void) {
    var row = 0
    for channel in 0..<image.channels {
      for ky in 0..<window.size[0] {
        for kx in 0..<window.size[1] {
          let left = kx * window.dilation[1] - window.padding[1].before
          for py in 0..<places.height {
            let y = py * window.strides[0] + ky * window.dilation[0] - window.padding[0].before
            guard y >= 0, y < image.height else { continue }
            let line = (channel * image.height + y) * image.width
            let entries = row * count + py * places.width
            for px in 0..<places.width {
              let x = px * window.strides[1] + left
              if x >= 0, x < image.width { body(entries + px, line + x) }
            }
          }
          row += 1
        }
      }
    }
  }
}
