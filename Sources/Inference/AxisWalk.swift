import ModelGraph

/// A walk over the elements of a value in C order that leads along in another value: by a stride for each
/// axis, which is 0 where an element is repeated and negative where it goes backwards.
///
/// The value is cut into parts of whole inner axes, which threads share. Inside a part the walk is one of
/// runs along the innermost axis, neighbours that continue each other being one axis.
struct AxisWalk: Sendable {
  /// The elements of a run.
  let count: Int
  /// The distance in the other value between neighbours of a run.
  let stride: Int
  /// The outer axes of a part.
  private var axes: [(extent: Int, stride: Int)]
  /// The axes that tell the parts apart.
  private let leading: [(extent: Int, stride: Int)]
  private let start: Int
  private let isEmpty: Bool

  /// A walk.
  ///
  /// - Parameters:
  ///   - extents: the value's.
  ///   - strides: the steps that the other value is walked in, one for each axis.
  ///   - start: the element of the other value that the walk begins at.
  ///   - parts: how the value is cut.
  init(extents: [Int], strides: [Int], from start: Int = 0, parts: AxisParts) {
    let pairs = zip(extents, strides).map { (extent: $0, stride: $1) }
    leading = Array(pairs.prefix(parts.axes))
    var axes: [(extent: Int, stride: Int)] = []
    for axis in pairs.dropFirst(parts.axes) where axis.extent != 1 {
      if let last = axes.last, last.stride == axis.stride * axis.extent {
        axes[axes.count - 1] = (last.extent * axis.extent, axis.stride)
      } else {
        axes.append(axis)
      }
    }
    let run = axes.popLast() ?? (extent: 1, stride: 1)
    count = run.extent
    stride = run.stride
    self.axes = axes
    self.start = start
    isEmpty = extents.contains(0)
  }

  /// Calls `body` for every run of a part: with the place of its first element in the part, and with that
  /// in the other value.
  @inline(__always)
  func forEachRun(in part: Int = 0, _ body: (_ place: Int, _ other: Int) -> Void) {
    if isEmpty { return }
    var other = start
    var rest = part
    for axis in leading.reversed() {
      other += rest % axis.extent * axis.stride
      rest /= axis.extent
    }
    var place = 0
    var counters = [Int](repeating: 0, count: axes.count)
    while true {
      body(place, other)
      place += count
      // The outer axes count like an odometer.
      var axis = axes.count - 1
      while axis >= 0 {
        counters[axis] += 1
        other += axes[axis].stride
        if counters[axis] < axes[axis].extent { break }
        counters[axis] = 0
        other -= axes[axis].stride * axes[axis].extent
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

/// How a value is cut into equal parts: its leading axes tell them apart.
struct AxisParts: Sendable {
  /// Smaller parts would cost more to begin than to compute.
  private static let size = 1 << 14

  /// How many of the leading axes tell parts apart.
  let axes: Int
  /// The number of parts.
  let count: Int
  /// The elements of a part.
  let size: Int

  /// Cuts a value of these extents, between its axes up to `limit`.
  init(of extents: [Int], upTo limit: Int? = nil) {
    let limit = min(limit ?? .max, max(extents.count - 1, 0))
    var axes = 0
    while axes < limit, extents[axes...].reduce(1, *) > Self.size { axes += 1 }
    self.axes = axes
    count = extents[..<axes].reduce(1, *)
    size = extents[axes...].reduce(1, *)
  }
}

extension Shape {
  /// The distance between neighbours on each axis, in C order.
  var strides: [Int] { StridedView(contiguous: self).strides }
}

extension TensorOf where Scalar: ReferenceScalar {
  /// Strides for a walk over samples of the extents wanted: 0 where an axis of extent 1 is repeated or an
  /// outer axis is missing. The batch axis, which comes first, is the same in both.
  func strides(repeatedTo wanted: Shape) -> [Int] {
    let missing = wanted.rank - sample.rank
    let own = shape.strides
    var result = [own[0]] + [Int](repeating: 0, count: missing)
    for (axis, extent) in sample.extents.enumerated() {
      result.append(extent == wanted.extents[missing + axis] ? own[axis + 1] : 0)
    }
    return result
  }

  /// The numbers that a walk in these strides comes by, in the C order of `extents`, which begin with the
  /// batch axis.
  func walked(
    _ extents: [Int], strides: [Int], from start: Int = 0, _ workers: Workers
  ) -> [Scalar] {
    let parts = AxisParts(of: extents)
    let walk = AxisWalk(extents: extents, strides: strides, from: start, parts: parts)
    return workers.fill(parts: parts.count, of: parts.size) { part, run in
      walk.forEachRun(in: part) { place, other in
        if walk.stride == 1 {
          for index in 0..<walk.count { run[place + index] = values[other + index] }
        } else {
          for index in 0..<walk.count { run[place + index] = values[other + index * walk.stride] }
        }
      }
    }
  }
}
