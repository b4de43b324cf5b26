import ModelGraph

/// A kernel or a matrix whose axes lie in another order, or that is turned around.
enum TransposedKernel: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    evidence.each(.transposedKernel, transposed) ?? evidence.each(.flippedKernel, flipped)
  }

  private static func transposed(_ tensor: DepartingTensor) -> Explanation? {
    let axes = tensor.extents.indices.filter { tensor.extents[$0] > 1 }
    guard (2...5).contains(axes.count) else { return nil }
    for order in orders(of: axes) where order != axes {
      let all = complete(order, in: tensor)
      let view = StridedView(contiguous: Shape(tensor.extents)).permuted(all)
      // The reference's numbers in another order, or the candidate's read as if they were.
      let isMoved =
        Walk(view).isSame(tensor.candidate, walking: tensor.reference)
        || Walk(view).isSame(tensor.reference, walking: tensor.candidate)
      if isMoved { return Explanation(detail: detail(axes, order, tensor)) }
    }
    return nil
  }

  /// An order of all axes out of one of those that have more than one number.
  private static func complete(_ order: [Int], in tensor: DepartingTensor) -> [Int] {
    var moved = order[...]
    return tensor.extents.indices.map { axis in
      tensor.extents[axis] > 1 ? moved.removeFirst() : axis
    }
  }

  private static func detail(_ axes: [Int], _ order: [Int], _ tensor: DepartingTensor) -> String {
    let moved = zip(axes, order).filter { $0 != $1 }.map(\.0)
    if moved.count == 2 {
      return "\(tensor.axes[moved[0]]) and \(tensor.axes[moved[1]])"
    }
    return order.map { tensor.axes[$0] }.joined(separator: ", ") + " for "
      + axes.map { tensor.axes[$0] }.joined(separator: ", ")
  }

  /// All orders, those that only exchange two axes first.
  private static func orders(of axes: [Int]) -> [[Int]] {
    Permutations.all(of: axes).sorted { a, b in
      zip(a, axes).count { $0 != $1 } < zip(b, axes).count { $0 != $1 }
    }
  }

  /// Kernels are mirrored where one program convolves and the other correlates.
  private static func flipped(_ tensor: DepartingTensor) -> Explanation? {
    let spatial = tensor.axes.indices.filter {
      ["depth", "height", "width", "steps"].contains(tensor.axes[$0]) && tensor.extents[$0] > 1
    }
    guard !spatial.isEmpty, tensor.count > 2 else { return nil }
    for choice in (1..<(1 << spatial.count)).reversed() {
      let axes = spatial.indices.filter { choice >> $0 & 1 == 1 }.map { spatial[$0] }
      let walk = Walk(mirroring: axes, of: tensor.extents)
      if walk.isSame(tensor.candidate, walking: tensor.reference) {
        return Explanation(detail: axes.map { tensor.axes[$0] }.joined(separator: " and "))
      }
    }
    return nil
  }
}

/// A walk over an array along axes, backwards along some: told without making the array that it would give.
private struct Walk {
  private let extents: [Int]
  private let strides: [Int]
  private let start: Int

  init(_ view: StridedView) {
    extents = view.extents
    strides = view.strides
    start = 0
  }

  init(mirroring axes: [Int], of extents: [Int]) {
    let dense = StridedView(contiguous: Shape(extents)).strides
    self.extents = extents
    strides = extents.indices.map { axes.contains($0) ? -dense[$0] : dense[$0] }
    start = axes.reduce(0) { $0 + (extents[$1] - 1) * dense[$1] }
  }

  /// Whether an array is what the walk over another one gives; ends with the first number that is not.
  func isSame(_ values: [Float], walking other: [Float]) -> Bool {
    var index = [Int](repeating: 0, count: extents.count)
    var place = start
    return values.withUnsafeBufferPointer { values in
      other.withUnsafeBufferPointer { other in
        for value in values {
          guard value.isSame(as: other[place]) else { return false }
          for axis in extents.indices.reversed() {
            index[axis] += 1
            place += strides[axis]
            if index[axis] < extents[axis] { break }
            place -= strides[axis] * extents[axis]
            index[axis] = 0
          }
        }
        return true
      }
    }
  }
}

/// The orders of a few things.
enum Permutations {
  static func all(of elements: [Int]) -> [[Int]] {
    guard let first = elements.first else { return [[]] }
    return all(of: Array(elements.dropFirst())).flatMap { rest in
      (0...rest.count).map { place in
        var order = rest
        order.insert(first, at: place)
        return order
      }
    }
  }
}
