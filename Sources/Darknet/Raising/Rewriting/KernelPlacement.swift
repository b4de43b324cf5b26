import FileSupport
import ModelGraph

/// Where a kernel lies in the square one with which darknet's windows stand where the graph's do.
///
/// darknet puts *p* cells on all four sides of an image. Zeros in front of a kernel's rows and columns move it to
/// where its windows begin; zeros behind them leave out the windows that are too many. Where the two axes need
/// different numbers of cells around them, the one has more windows than it needs, which a `[crop]` cuts off on both
/// sides.
struct KernelPlacement: Equatable {
  /// The extent of the square.
  private(set) var size: Int
  /// The cells around the image, as `padding` counts them.
  private(set) var padding: Int
  /// The distance of the square's cells.
  let dilation: Int
  /// Vertical, horizontal.
  let strides: [Int]
  /// The rows and columns of zeros in front of the kernel.
  private(set) var leading: [Int]
  /// The distance of the kernel's cells in the square, on each axis.
  let steps: [Int]
  /// The windows on each axis, with those that are too many: half of them, the smaller, are in front.
  private(set) var windows: [Int]

  /// The smallest square for a window.
  ///
  /// - Parameters:
  ///   - window: the kernel and how it moves.
  ///   - sides: the zeros around the image, the window's and others; fewer than 0 are cells that are cut off.
  ///   - spatial: the extents of the image without them.
  ///   - result: how many windows there are.
  ///   - dialect: by whose code they are placed.
  /// - Returns: `nil` if there is none.
  init?(
    _ window: Window, sides: [Padding], over spatial: [Int], to result: [Int], in dialect: Dialect
  ) {
    var strides = window.strides
    if strides[0] != strides[1], !Convolutional.strideX.dialects.contains(dialect) {
      // A step that is not taken can be any.
      guard let other = [0, 1].first(where: { result[$0] == 1 }) else { return nil }
      strides[other] = strides[1 - other]
    }
    let moved = zip(window.size, window.dilation).filter { $0.0 > 1 }.map(\.1)
    var dilations = [1]
    if let first = moved.first, first > 1, Set(moved).count == 1,
      Convolutional.dilation.dialects.contains(dialect)
    {
      dilations = [first, 1]
    }
    for dilation in dilations {
      let steps = zip(window.size, window.dilation).map { $0 > 1 ? $1 / dilation : 1 }
      let extents = zip(window.size, steps).map { ($0 - 1).clampedProduct($1).clampedSum(1) }
      if let found = Self.smallest(
        extents, strides, dilation, sides.map(\.before), spatial, result, dialect)
      {
        (size, padding, leading) = found
        self.dilation = size == 1 ? 1 : dilation
        self.strides = strides
        self.steps = steps
        windows = result
        return
      }
    }
    let steps = window.dilation
    guard CropLayer.dialects.contains(dialect),
      let found = Self.cropped(window.covered, strides, sides.map(\.before), spatial, result)
    else { return nil }
    (size, padding, leading, windows) = found
    dilation = 1
    self.strides = strides
    self.steps = steps
  }

  /// The smallest square whose windows are those of the graph and further ones on both sides.
  private static func cropped(
    _ extents: [Int], _ strides: [Int], _ before: [Int], _ spatial: [Int], _ result: [Int]
  ) -> (size: Int, padding: Int, leading: [Int], windows: [Int])? {
    let largest = 1 << 12
    guard before.allSatisfy({ (-largest...largest).contains($0) }),
      let bound = (extents + before.map(abs) + spatial).max(), bound <= largest,
      let least = extents.max()
    else { return nil }
    for size in max(least, 2)...3 * bound {
      for padding in max(0, before.max() ?? 0)...2 * bound {
        var (leading, windows) = ([Int](), [Int]())
        for axis in 0..<2 {
          let room = spatial[axis] + 2 * padding - size
          let count = room < 0 ? 0 : room / strides[axis] + 1
          let front = (count - result[axis]) / 2 * strides[axis]
          let zeros = padding - before[axis] - front
          guard count >= result[axis], zeros >= 0, zeros + extents[axis] <= size else { break }
          leading.append(zeros)
          windows.append(count)
        }
        if windows.count == 2 { return (size, padding, leading, windows) }
      }
    }
    return nil
  }

  /// Whether the kernel is the square itself.
  func isWhole(_ window: Window) -> Bool {
    window.size == [size, size] && leading == [0, 0]
  }

  private static func smallest(
    _ extents: [Int], _ strides: [Int], _ dilation: Int, _ before: [Int], _ spatial: [Int],
    _ result: [Int], _ dialect: Dialect
  ) -> (size: Int, padding: Int, leading: [Int])? {
    guard before.allSatisfy({ $0 % dilation == 0 }) else { return nil }
    let first = before.map { $0 / dilation }
    let largest = Int(Int16.max)
    guard (extents + spatial + [dilation]).allSatisfy({ $0 < largest }),
      first.allSatisfy({ (-largest...largest).contains($0) })
    else { return nil }
    var best: (size: Int, padding: Int, leading: [Int])?
    let start = max(0, first.max() ?? 0)
    for padding in start...start + (extents.max() ?? 0) + (spatial.max() ?? 0) {
      let leading = first.map { padding - $0 }
      var least = zip(leading, extents).map(+).max() ?? 1
      if least == 1, padding > 0 || (strides != [1, 1] && dialect.passesOverStrides(strides)) {
        // darknet's code passes over both where the size is 1.
        least = 2
      }
      // Larger kernels have fewer windows.
      let lowest = (0..<2).map { spatial[$0] + 2 * padding - result[$0] * strides[$0] + 1 }
      let highest = (0..<2).map { spatial[$0] + 2 * padding - (result[$0] - 1) * strides[$0] }
      let from = max(least, lowest.max() ?? least)
      let upTo = min(highest.min() ?? largest, largest, (best?.size ?? largest + 1) - 1)
      if from <= upTo,
        let size = (from...upTo).first(where: { size in
          computes(result, size, padding, dilation, strides, spatial)
        })
      {
        best = (size, padding, leading)
      }
      if let best, least >= best.size { break }
    }
    return best
  }

  /// Whether so many windows are computed as darknet's formula, which leaves the dilation out, says.
  private static func computes(
    _ result: [Int], _ size: Int, _ padding: Int, _ dilation: Int, _ strides: [Int],
    _ spatial: [Int]
  ) -> Bool {
    (0..<2).allSatisfy { axis in
      let room = spatial[axis] + (2 * padding - (size - 1)) * dilation - 1
      return room >= 0 && room / strides[axis] + 1 == result[axis]
    }
  }
}
