import FileSupport
import ModelGraph

/// The `padding` of a pooling with which darknet's windows stand where the graph's do: the cells on both sides
/// together, of which the smaller half is in front. Cells outside the image don't count in either.
struct PoolPlacement {
  /// The extent of the window.
  let size: Int
  /// Vertical, horizontal.
  let strides: [Int]
  /// The cells on both sides together.
  let padding: Int

  /// - Parameters:
  ///   - window: the window and how it moves.
  ///   - spatial: the extents of the image.
  ///   - dialect: by whose code it is placed.
  /// - Returns: `nil` if no number of cells places them so.
  init?(_ window: Window, over spatial: [Int], in dialect: Dialect) {
    guard window.size.count == 2, window.size[0] == window.size[1], window.dilation == [1, 1],
      let result = try? window.outputExtents(of: spatial)
    else { return nil }
    var strides = window.strides
    if strides[0] != strides[1], !PoolGeometry.strideX.dialects.contains(dialect) {
      guard let other = [0, 1].first(where: { result[$0] == 1 }) else { return nil }
      strides[other] = strides[1 - other]
    }
    let size = window.size[0]
    let before = window.padding[0].before
    guard window.padding[1].before == before, size <= Int(Int16.max) else { return nil }
    let fitting = [before.clampedProduct(2), before.clampedProduct(2).clampedSum(1)].first {
      total in
      zip(zip(spatial, strides), result).allSatisfy { axis, count in
        let room = axis.0.clampedSum(total).clampedSum(-size)
        return room >= 0 && room / axis.1 + 1 == count
      }
    }
    guard let fitting else { return nil }
    self.size = size
    self.strides = strides
    padding = fitting
  }

  /// The one window that sees a whole image, whatever its form.
  init(whole spatial: [Int]) {
    let (long, short) = (max(spatial[0], spatial[1]), min(spatial[0], spatial[1]))
    // It begins as many cells in front as the image is oblong, and ends behind the longer side.
    size = long + (long - short)
    strides = [size, size]
    padding = 2 * (long - short)
  }

  /// The lines of the section.
  var options: SectionOptions {
    var options = SectionOptions()
    options.write(PoolGeometry.size, size)
    if strides[0] == strides[1] {
      options.write(PoolGeometry.stride, strides[0])
    } else {
      options.write(PoolGeometry.strideY, strides[0])
      options.write(PoolGeometry.strideX, strides[1])
    }
    if padding != size - 1 { options.write(PoolGeometry.padding, padding) }
    return options
  }
}

extension Window {
  /// How many cells of the image the windows see along an axis, one after the other.
  func cellCounts(axis: Int, of extent: Int, windows: Int) -> [Int] {
    (0..<windows).map { position in
      let start = position * strides[axis] - padding[axis].before
      return max(min(start + size[axis], extent) - max(start, 0), 0)
    }
  }
}
