import FileSupport
import ModelGraph

/// A window along one axis of an image.
struct WindowAxis: Sendable {
  /// Cells of the window.
  let size: Int
  /// The step between neighbouring windows.
  let stride: Int
  /// The distance between neighbouring cells of the window.
  let dilation: Int
  /// Cells that the first window begins in front of the image.
  let before: Int
  /// Cells of the image.
  let extent: Int

  /// The cell of the image under the *k*-th cell of the window; none if that lies outside.
  func cell(at place: Int, _ k: Int) -> Int? {
    let cell = place * stride + k * dilation - before
    return cell >= 0 && cell < extent ? cell : nil
  }

  /// Cells of an image that a window sees along an axis: `first`, `first + step`, …
  struct Cells {
    let first: Int
    let count: Int
    let step: Int
  }

  /// The cells of the image that the window at a place sees.
  func cells(at place: Int) -> Cells {
    let start = place * stride - before
    let low = Self.steps(of: dilation, from: start, to: 0)
    let high = min(Self.steps(of: dilation, from: start, to: extent), size)
    guard low < high else { return Cells(first: 0, count: 0, step: 0) }
    // The step from a lone cell might lead to no number.
    return Cells(
      first: start + low * dilation, count: high - low, step: high - low > 1 ? dilation : 0)
  }

  /// How far the *k*-th cell of the first window lies behind the first cell of the image.
  func offset(of k: Int) -> Int { k * dilation - before }

  /// The places, of so many, at which the *k*-th cell of the window lies inside the image.
  func places(of k: Int, among count: Int) -> Range<Int> {
    let end = min(Self.steps(of: stride, from: offset(of: k), to: extent), count)
    return min(Self.steps(of: stride, from: offset(of: k), to: 0), end)..<end
  }

  /// How many steps are made until a bound is reached or passed.
  private static func steps(of step: Int, from start: Int, to bound: Int) -> Int {
    let distance = bound.clampedSum(-start)
    return distance > 0 ? (distance - 1) / step + 1 : 0
  }
}

/// The window of an operation over an image of up to three axes, seen as one of depth, height and width.
/// Axes that are missing have a single cell, in front: so each row of the image stays in one piece.
struct WindowAxes: Sendable {
  let depth: WindowAxis
  let height: WindowAxis
  let width: WindowAxis

  /// - Parameters:
  ///   - window: the window, which the shape rule has held against the image.
  ///   - image: the extents of the image, one for each axis of the window.
  init(_ window: Window, image: [Int]) {
    func axis(_ place: Int) -> WindowAxis {
      let axis = place - (3 - image.count)
      guard axis >= 0 else {
        return WindowAxis(size: 1, stride: 1, dilation: 1, before: 0, extent: 1)
      }
      return WindowAxis(
        size: window.size[axis], stride: window.strides[axis], dilation: window.dilation[axis],
        before: window.padding[axis].before, extent: image[axis])
    }
    (depth, height, width) = (axis(0), axis(1), axis(2))
  }
}

extension [Int] {
  /// Depth, height and width out of the extents of up to three axes, those that are missing being 1.
  var inThreeAxes: (depth: Int, height: Int, width: Int) {
    let all = [Int](repeating: 1, count: Swift.max(3 - count, 0)) + self
    return (all[0], all[1], all[2])
  }
}
