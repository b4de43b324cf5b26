import ModelGraph

/// A variance as other programs keep it: its root, its inverse, with the epsilon in it.
enum VarianceForm: CauseTrial {
  private static let forms: [(name: String, apply: @Sendable (Double) -> Double)] = [
    ("the square", { $0 * $0 }),
    ("the inverse", { 1 / $0 }),
    ("the inverse of the standard deviation", { 1 / $0.squareRoot() }),
  ]
  private static let epsilons = [1e-2, 2e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-12]

  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    guard let tensor = evidence.single, isVariance(tensor), tensor.differing > 1 else { return nil }
    if isForm(tensor, { $0.squareRoot() }) { return evidence.cause(.deviation) }
    for epsilon in epsilons where isForm(tensor, { ($0 + epsilon).squareRoot() }) {
      return evidence.cause(.deviation, "with \(epsilon) in it")
    }
    for (name, form) in forms {
      if isForm(tensor, form) { return evidence.cause(.varianceForm, name) }
      for epsilon in epsilons where isForm(tensor, { form($0 + epsilon) }) {
        return evidence.cause(.varianceForm, "\(name) with \(epsilon) in it")
      }
    }
    for epsilon in epsilons {
      for (sign, word) in [(1.0, "added"), (-1.0, "taken off")]
      where isForm(tensor, { $0 + sign * epsilon }) {
        return evidence.cause(.varianceForm, "\(epsilon) \(word)")
      }
    }
    return nil
  }

  private static func isVariance(_ tensor: DepartingTensor) -> Bool {
    tensor.parameter.role == .rollingVariance || tensor.name.hasSuffix("variance")
  }

  /// Within what a computation with float32 may round.
  private static func isForm(_ tensor: DepartingTensor, _ form: (Double) -> Double) -> Bool {
    tensor.allSatisfy { number, other in
      let expected = form(Double(number))
      return abs(expected - Double(other)) <= 0x1p-21 * abs(expected) + 0x1p-24
        * abs(Double(number))
    }
  }
}

/// A variance that a conversion has worked out for another epsilon: it is off by what the epsilons differ.
enum CarriedEpsilon: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    guard let tensor = evidence.single, tensor.isRounded, tensor.differing > 1 else { return nil }
    let gaps = zip(tensor.reference, tensor.candidate).map { Double($1) - Double($0) }
    // The smallest variance tells it with the smallest rounding.
    let smallest = tensor.reference.indices.min {
      abs(tensor.reference[$0]) < abs(tensor.reference[$1])
    }
    guard let smallest, abs(gaps[smallest]) > 1e-9 else { return nil }
    let gap = gaps[smallest]
    let isConstant = tensor.reference.indices.allSatisfy { place in
      let size = abs(Double(tensor.reference[place])) + abs(Double(tensor.candidate[place]))
      return abs(gaps[place] - gap) <= Comparison.roundingOfAdjusted * (size + abs(gap))
    }
    return isConstant ? evidence.cause(.epsilon, "by \(Float(gap))") : nil
  }
}
