/// An order in which to walk the elements of a stored tensor: extents with a stride each.
///
/// Reordering a tensor (a darknet kernel `[out, in, h, w]` into Keras's `[h, w, in, out]`) is a walk in
/// the C order of the view. Views are built from a stored shape by splitting and permuting axes, so
/// each visits every element exactly once; ``inverse`` gives the way back.
public struct StridedView: Sendable, Equatable {
  /// The extents in walking order, outermost first.
  public private(set) var extents: [Int]
  /// The distance between neighbours on each axis, in elements of the stored tensor.
  public private(set) var strides: [Int]

  /// The walk in stored order.
  public init(contiguous shape: Shape) {
    extents = shape.extents
    strides = Self.contiguousStrides(shape.extents)
  }

  private init(extents: [Int], strides: [Int]) {
    self.extents = extents
    self.strides = strides
  }

  /// The number of elements, clamped as ``Shape/elementCount`` is.
  public var elementCount: Int { extents.reduce(1) { $0.clampedProduct($1) } }

  /// The same walk with one axis seen as several: `[8, 27]` → `[8, 3, 3, 3]`.
  ///
  /// - Precondition: the product of `parts` is the extent of the axis.
  public func splitting(axis: Int, into parts: [Int]) -> StridedView {
    precondition(
      Shape(parts).elementCount == extents[axis], "an axis is split into its own factors")
    let inner = Self.contiguousStrides(parts).map { $0.clampedProduct(strides[axis]) }
    var copy = self
    copy.extents.replaceSubrange(axis...axis, with: parts)
    copy.strides.replaceSubrange(axis...axis, with: inner)
    return copy
  }

  /// The same elements with the axes in another order: axis `i` of the result is `order[i]` of this.
  public func permuted(_ order: [Int]) -> StridedView {
    StridedView(extents: order.map { extents[$0] }, strides: order.map { strides[$0] })
  }

  /// The walk over a dense copy of this view that visits the elements in their stored order.
  public var inverse: StridedView {
    let dense = Self.contiguousStrides(extents)
    // Axes of extent 1 can have any stride; they do not move the walk, wherever they stand.
    let order = extents.indices.sorted { (strides[$0], extents[$0]) > (strides[$1], extents[$1]) }
    return StridedView(extents: order.map { extents[$0] }, strides: order.map { dense[$0] })
  }

  /// This walk over elements that themselves are visited by `other`: what the walks lead to one after the
  /// other. Axes may be split where those of `other` end.
  ///
  /// - Returns: `nil` if an axis of this walk ends inside one of the other.
  public func composed(over other: StridedView) -> StridedView? {
    let dense = Self.contiguousStrides(other.extents)
    var result = StridedView(extents: [], strides: [])
    for axis in extents.indices {
      var extent = extents[axis]
      var stride = strides[axis]
      var parts: [(extent: Int, stride: Int)] = []
      for inner in other.extents.indices.reversed() where extent > 1 {
        let end = dense[inner] * other.extents[inner]
        guard stride < end else { continue }
        guard stride % dense[inner] == 0, end % stride == 0 else { return nil }
        let part = min(extent, end / stride)
        guard extent % part == 0 else { return nil }
        parts.append((part, stride / dense[inner] * other.strides[inner]))
        extent /= part
        stride = end
      }
      if parts.isEmpty { parts = [(extents[axis], 1)] }
      result.extents += parts.reversed().map(\.extent)
      result.strides += parts.reversed().map(\.stride)
    }
    return result
  }

  /// Whether the walk is the stored order, so that bytes can be copied as they are.
  public var isContiguous: Bool {
    var expected = 1
    for axis in extents.indices.reversed() where extents[axis] != 1 {
      if strides[axis] != expected { return false }
      expected = expected.clampedProduct(extents[axis])
    }
    return true
  }

  /// The same walk with the fewest axes: neighbours that continue each other are one axis.
  var coalesced: StridedView {
    var result: [(extent: Int, stride: Int)] = []
    for axis in extents.indices where extents[axis] != 1 {
      if let last = result.last, last.stride == strides[axis].clampedProduct(extents[axis]) {
        result[result.count - 1] = (last.extent.clampedProduct(extents[axis]), strides[axis])
      } else {
        result.append((extents[axis], strides[axis]))
      }
    }
    if result.isEmpty { result = [(1, 1)] }
    return StridedView(extents: result.map(\.extent), strides: result.map(\.stride))
  }

  private static func contiguousStrides(_ extents: [Int]) -> [Int] {
    var stride = 1
    var result = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.reversed() {
      result[axis] = stride
      stride = stride.clampedProduct(extents[axis])
    }
    return result
  }
}
