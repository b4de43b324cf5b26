import FileSupport
import ModelGraph

extension Reduce: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let groups = AxisGroups(of: node.inputs[0].shape, axes: axes)
    let x = node.inputs[0].values
    return node.result(
      node.workers.fill(parts: groups.parts.count, of: groups.count) { part, run in
        for (group, value) in reduced(x, groups, part).enumerated() { run[group] = Scalar(value) }
      })
  }

  /// The result of each group of a part.
  private func reduced<Scalar: ReferenceScalar>(
    _ x: [Scalar], _ groups: AxisGroups, _ part: Int
  ) -> [Double] {
    switch rule {
    case .sum: groups.fold(x, part, from: 0) { $0 + $1 }
    case .mean: groups.fold(x, part, from: 0) { $0 + $1 }.map { $0 / Double(groups.size) }
    case .maximum: groups.fold(x, part, from: -.infinity, Formula.larger)
    case .minimum: groups.fold(x, part, from: .infinity, Formula.smaller)
    case .product: groups.fold(x, part, from: 1) { $0 * $1 }
    }
  }
}

/// The numbers of a value in groups: those that differ only in some axes are one. Groups are counted in
/// the C order of the other axes.
struct AxisGroups: Sendable {
  /// How the value is cut: no group lies in two parts.
  let parts: AxisParts
  /// The groups in a part.
  let count: Int
  /// The numbers in a group.
  let size: Int
  /// The walk over a part that leads along in its groups.
  private let walk: AxisWalk

  /// Groups along these axes of the sample; `shape` has the batch axis.
  init(of shape: Shape, axes: [Int]) {
    let extents = shape.extents
    let gathered = Set(axes.map { $0 + 1 })
    parts = AxisParts(of: extents, upTo: gathered.min())
    var strides = extents.map { _ in 0 }
    var count = 1
    for axis in extents.indices.dropFirst(parts.axes).reversed() where !gathered.contains(axis) {
      strides[axis] = count
      count *= extents[axis]
    }
    self.count = count
    size = gathered.reduce(1) { $0 * extents[$1] }
    walk = AxisWalk(
      extents: Array(extents.dropFirst(parts.axes)), strides: Array(strides.dropFirst(parts.axes)),
      parts: AxisParts(of: extents, upTo: 0))
  }

  /// Calls `body` for each run of a part: with the first element in the value, its group in the part, and
  /// how far the group of the next element is.
  @inline(__always)
  func forEachRun(
    in part: Int, _ body: (_ elements: Range<Int>, _ group: Int, _ step: Int) -> Void
  ) {
    walk.forEachRun { place, group in
      let first = part * parts.size + place
      body(first..<(first + walk.count), group, walk.stride)
    }
  }

  /// A function of what a group has become so far and its next number.
  @inline(__always)
  func fold<Scalar: ReferenceScalar>(
    _ x: [Scalar], _ part: Int, from initial: Double,
    _ function: (_ group: Double, _ number: Double) -> Double
  ) -> [Double] {
    var result = [Double](repeating: initial, count: count)
    forEachRun(in: part) { elements, group, step in
      if step == 0 {
        var value = result[group]
        for element in elements { value = function(value, Double(x[element])) }
        result[group] = value
      } else {
        var group = group
        for element in elements {
          result[group] = function(result[group], Double(x[element]))
          group += step
        }
      }
    }
    return result
  }
}
