/// A few numbers that are others while all else of the model agrees, or those of one slice.
enum ChangedNumbers: CauseTrial {
  private static let limit = 64
  private static let shown = 3

  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    guard evidence.isAlone, let tensor = evidence.single else { return nil }
    let part = tensor.part
    // More than that are another tensor.
    guard tensor.differing == 1 || tensor.differing * 2 <= tensor.count,
      tensor.differing <= limit || part.contains(",")
    else { return nil }
    guard tensor.differing <= shown else { return evidence.cause(.changedNumbers, part) }
    let changes = tensor.departures.map { place in
      "\(tensor.index(of: place)) \(tensor.reference[place]) → \(tensor.candidate[place])"
    }
    return evidence.cause(
      .changedNumbers,
      "\(tensor.differing) of \(tensor.count): \(changes.joined(separator: ", "))")
  }
}

/// A tensor of entirely other numbers of a like size, while all else of the model agrees: of another training step, or of
/// none. It is the only cause of which nothing but the reference's numbers are left to try.
enum StaleTensor: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    guard evidence.isAlone else { return nil }
    for tensor in evidence.departing {
      // Zeros may be in both. What a conversion works out differs wherever the reason is.
      guard tensor.count > 3, !tensor.isRounded, tensor.differing * 10 >= tensor.count * 9,
        tensor.candidate.allSatisfy(\.isFinite)
      else { return nil }
      let (a, b) = (size(tensor.reference), size(tensor.candidate))
      guard a > 0, (0.1...10).contains(b / a) else { return nil }
    }
    return evidence.cause(
      .staleTensor, evidence.joined(evidence.departing.map { "\($0.differing) of \($0.count)" }))
  }

  /// The root of the mean square.
  private static func size(_ values: [Float]) -> Double {
    let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (sum / Double(values.count)).squareRoot()
  }
}
