/// Slices of tensors in another order: filters, units, channels of an input, cells of an image before a matrix.
enum ChannelOrder: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    if let flattened = flattened(evidence) { return flattened }
    // The tensor with most numbers tells the order; vectors may have the same number twice.
    guard let largest = evidence.departing.max(by: { $0.count < $1.count }) else { return nil }
    for axis in largest.extents.indices.reversed() where largest.extents[axis] > 1 {
      guard let order = order(of: largest, axis: axis) else { continue }
      let isWhole = evidence.departing.allSatisfy { tensor in
        tensor.position == largest.position || isMoved(tensor, by: order)
      }
      guard isWhole else { continue }
      let moved = order.indices.filter { order[$0] != $0 }
      if largest.axes[axis] == "in", order == [2, 1, 0], isFirst(evidence) {
        return evidence.cause(.channelOrder, "RGB and BGR")
      }
      // Two numbers out of many may be anything but in each other's place.
      return evidence.cause(.swappedChannels, "\(largest.axes[axis]): \(text(moved, order))")
    }
    return nil
  }

  private static func text(_ moved: [Int], _ order: [Int]) -> String {
    if moved.count == 2 { return "\(moved[0]) and \(moved[1])" }
    let moves = moved.prefix(4).map { "\(order[$0]) at \($0)" }.joined(separator: ", ")
    return "\(moved.count) of \(order.count), \(moves)" + (moved.count > 4 ? ", …" : "")
  }

  /// Whether the layer is the first that has tensors: what it takes are the colours of an image.
  private static func isFirst(_ evidence: LayerEvidence) -> Bool {
    evidence.model.entries.first?.layer == evidence.layer
  }

  /// The slice of the reference that each slice of the candidate is; `nil` if one is none of them.
  private static func order(of tensor: DepartingTensor, axis: Int) -> [Int]? {
    let slices = Slices(tensor.extents, axis: axis)
    let digests = slices.digests(tensor.candidate)
    let others = slices.digests(tensor.reference)
    var free: [UInt64: [Int]] = [:]
    for slice in others.indices.reversed() where others[slice] != digests[slice] {
      free[others[slice], default: []].append(slice)
    }
    var order = Array(0..<slices.count)
    for slice in order.indices where others[slice] != digests[slice] {
      guard let origin = free[digests[slice]]?.popLast() else { return nil }
      order[slice] = origin
    }
    let isSame = order.indices.allSatisfy {
      slices.isSame(tensor.reference, order[$0], tensor.candidate, $0)
    }
    return isSame ? order : nil
  }

  /// Whether a tensor has the same order along one of its axes.
  private static func isMoved(_ tensor: DepartingTensor, by order: [Int]) -> Bool {
    tensor.extents.indices.contains { axis in
      guard tensor.extents[axis] == order.count else { return false }
      let slices = Slices(tensor.extents, axis: axis)
      return order.indices.allSatisfy {
        slices.isSame(tensor.reference, order[$0], tensor.candidate, $0)
      }
    }
  }

  /// The rows of a matrix behind an image that was made a list: planes one after another, or cells.
  private static func flattened(_ evidence: LayerEvidence) -> LikelyCause? {
    guard let tensor = evidence.single, let axis = tensor.axes.firstIndex(of: "in"),
      tensor.extents.count == 2, tensor.extents[axis] > 4
    else { return nil }
    let slices = Slices(tensor.extents, axis: axis)
    let count = slices.count
    for channels in 2...count / 2 where count % channels == 0 {
      let cells = count / channels
      let isMoved = (0..<count).allSatisfy { place in
        let origin = place % channels * cells + place / channels
        return slices.isSame(tensor.reference, origin, tensor.candidate, place)
      }
      guard isMoved else { continue }
      return evidence.cause(
        .channelOrder, "HWC and CHW: \(min(channels, cells)) by \(max(channels, cells))")
    }
    return nil
  }
}
