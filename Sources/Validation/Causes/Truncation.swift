import ModelGraph

/// A tensor that ends too early: what follows is 0, or one number over and over.
enum Truncation: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    var details: [String?] = []
    var isWhole = true
    for tensor in evidence.departing {
      guard let found = StoredOrders(tensor).first(end) else { return nil }
      isWhole = isWhole && found.start == 0
      let number = found.number == 0 ? "0" : "\(found.number)"
      details.append(
        found.start == 0
          ? "all \(tensor.count) are \(number)"
          : "from number \(found.start) of \(tensor.count) on all are \(number)")
    }
    return evidence.cause(
      isWhole ? .constantTensor : .truncatedTensor, evidence.joined(details))
  }

  /// Where the constant end begins; `nil` if something in front of it differs, or too few numbers tell.
  private static func end(
    _ reference: [Float], _ candidate: [Float]
  ) -> (start: Int, number: Float)? {
    guard let last = candidate.last, last.isFinite else { return nil }
    var start = candidate.count
    while start > 0, candidate[start - 1].isSame(as: last) { start -= 1 }
    guard let first = candidate.indices.first(where: { !candidate[$0].isSame(as: reference[$0]) }),
      first >= start
    else { return nil }
    // A constant that became another one is no end of something.
    guard !Array(reference[start...]).isConstant else { return nil }
    // A single number may be anything.
    let differing = (first..<candidate.count).count {
      !candidate[$0].isSame(as: reference[$0])
    }
    return differing > 1 ? (start == 0 ? 0 : first, last) : nil
  }
}

/// A tensor in the orders in which the files have it: damage to a file follows these, and not the order that both sides
/// share.
struct StoredOrders {
  private let tensor: DepartingTensor

  init(_ tensor: DepartingTensor) {
    self.tensor = tensor
  }

  /// The first of the orders in which a trial finds something.
  func first<Found>(_ trial: (_ reference: [Float], _ candidate: [Float]) -> Found?) -> Found? {
    if let found = trial(tensor.reference, tensor.candidate) { return found }
    let views = [tensor.candidateParameter, tensor.parameter].compactMap { $0.numbers?.view }
    for (index, view) in views.enumerated() where !view.isContiguous {
      if index == 1, views[0] == view { continue }
      let stored = view.inverse
      let found = trial(
        tensor.reference.gathered(by: stored), tensor.candidate.gathered(by: stored))
      if let found { return found }
    }
    return nil
  }
}
