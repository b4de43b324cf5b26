/// What recurrent layers carry from one pass to the next: darknet resets the state of `[lstm]` and `[gru]`
/// at no pass. It belongs to a checkpoint as the update buffers do.
final class RecurrentMemory {
  /// The numbers by node and name.
  private(set) var numbers: [String: [Double]] = [:]

  /// Whether nothing is carried: every pass begins with zeros.
  var isFrozen = false

  /// The carried numbers of a node; zeros at first.
  func recall(_ name: String, of node: Int, count: Int) -> [Double] {
    let kept = numbers["\(node).\(name)"] ?? []
    return kept.count == count ? kept : [Double](repeating: 0, count: count)
  }

  /// Carries numbers over to the next pass, rounded as a checkpoint holds them.
  func keep(_ values: [Double], as name: String, of node: Int) {
    guard !isFrozen else { return }
    numbers["\(node).\(name)"] = values.map { Double(Float($0)) }
  }

  /// Puts back what a checkpoint held.
  func restore(_ numbers: [String: [Double]]) { self.numbers = numbers }
}
