/// Numbers with the other sign: of filters, of whole tensors, of single ones.
enum FlippedSign: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    evidence.each(.flippedSign) { tensor in
      let isFlipped = tensor.allSatisfy { $0.isSame(as: $1) || $1.isSame(as: -$0) }
      guard isFlipped else { return nil }
      return Explanation(detail: tensor.part)
    }
  }
}

extension DepartingTensor {
  /// Which part of the tensor differs, as short as it can be told: all, slices across an axis, so many numbers.
  var part: String {
    if differing == count || allSatisfy({ !$0.isSame(as: $1) || $0 == 0 }) { return "all" }
    var best: (axis: Int, slices: [Int])?
    for axis in extents.indices where extents[axis] > 1 {
      let slices = Slices(extents, axis: axis)
      var touched: Set<Int> = []
      for place in departures { touched.insert(slices.slice(of: place)) }
      guard touched.count < slices.count, best.map({ touched.count < $0.slices.count }) ?? true
      else { continue }
      best = (axis, touched.sorted())
    }
    let numbers = "\(differing) of \(count)"
    guard let best, best.slices.count <= 4 else { return numbers }
    return "\(numbers), \(axes[best.axis]) \(best.slices.map(String.init).joined(separator: ", "))"
  }
}
