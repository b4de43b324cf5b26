/// Numbers that are multiplied by one factor, or have one number added: a whole tensor, or slices of it.
enum Scaling: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    evidence.each(.scaled, scaled) ?? evidence.each(.addedConstant, added)
  }

  private static func scaled(_ tensor: DepartingTensor) -> Explanation? {
    if let factor = factor(tensor.reference, tensor.candidate) {
      return Explanation(detail: "by \(text(factor))")
    }
    for axis in tensor.extents.indices where tensor.extents[axis] > 1 {
      let slices = Slices(tensor.extents, axis: axis)
      var changed: [(slice: Int, factor: Double)] = []
      var isScaled = true
      for slice in 0..<slices.count {
        if slices.isSame(tensor.reference, slice, tensor.candidate, slice) { continue }
        guard
          let factor = factor(
            slices.numbers(tensor.reference, slice), slices.numbers(tensor.candidate, slice))
        else {
          isScaled = false
          break
        }
        changed.append((slice, factor))
      }
      guard isScaled, let first = changed.first else { continue }
      let name = tensor.axes[axis]
      return Explanation(
        detail: changed.count == 1
          ? "\(name) \(first.slice) by \(text(first.factor))"
          : "\(changed.count) of \(slices.count) of \(name), each by a factor")
    }
    return nil
  }

  /// The factor that makes numbers the others, within what float32 rounds. Fewer than three numbers tell none.
  private static func factor(_ numbers: [Float], _ others: [Float]) -> Double? {
    guard
      let largest = numbers.indices.max(by: { abs(numbers[$0]) < abs(numbers[$1]) }),
      numbers[largest] != 0, numbers[largest].isFinite, others[largest].isFinite
    else { return nil }
    let factor = Double(others[largest]) / Double(numbers[largest])
    guard factor != 0, abs(factor - 1) > 1e-6 else { return nil }
    var told = 0
    for (number, other) in zip(numbers, others) {
      let expected = factor * Double(number)
      guard abs(expected - Double(other)) <= 0x1p-22 * abs(expected) + 0x1p-148 else { return nil }
      if number != 0 { told += 1 }
    }
    return told > 2 ? factor : nil
  }

  private static func added(_ tensor: DepartingTensor) -> Explanation? {
    guard tensor.count > 2, let first = tensor.departures.first(where: { _ in true }) else {
      return nil
    }
    let constant = Double(tensor.candidate[first]) - Double(tensor.reference[first])
    guard constant.isFinite else { return nil }
    let isAdded = tensor.allSatisfy { number, other in
      let size = abs(Double(number)) + abs(Double(other)) + abs(constant)
      return abs(Double(number) + constant - Double(other)) <= 0x1p-23 * size
    }
    // A constant that is drowned in rounding explains nothing.
    guard isAdded, abs(constant) > 1e-4 * Double(tensor.reference.reduce(0) { max($0, abs($1)) })
    else { return nil }
    return Explanation(detail: text(constant))
  }

  private static func text(_ number: Double) -> String { "\(Float(number))" }
}
