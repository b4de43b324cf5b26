import FileSupport

/// Tensors of as many numbers that hold each other's: of one layer, or of two.
enum SwappedTensors: CauseTrial {
  static func cause(_ evidence: LayerEvidence) throws(ModelFileError) -> LikelyCause? {
    if let within = withinLayer(evidence) { return within }
    return try withOthers(evidence)
  }

  private static func withinLayer(_ evidence: LayerEvidence) -> LikelyCause? {
    let tensors = evidence.departing
    guard tensors.count > 1 else { return nil }
    var sources: [Int] = []
    for tensor in tensors {
      let source = tensors.indices.first {
        !sources.contains($0)
          && isSame(
            tensors[$0].reference, tensor.candidate, isRounded: tensor.isRounded)
      }
      guard let source else { return nil }
      sources.append(source)
    }
    let names = tensors.map { evidence.shortName($0.name) }
    let kind: LikelyCause.Kind =
      GateOrder.isOrder(names, of: sources.map { names[$0] })
      ? .gateOrder : .swappedTensors
    if sources.count == 2 { return evidence.cause(kind, "\(names[0]) and \(names[1])") }
    let moves = names.indices.map { "\(names[sources[$0]]) in \(names[$0])" }
    return evidence.cause(kind, moves.joined(separator: ", "))
  }

  /// Each tensor of the layer that differs holds the numbers of one of another layer, and that one its numbers.
  private static func withOthers(_ evidence: LayerEvidence) throws(ModelFileError) -> LikelyCause? {
    let model = evidence.model
    let others = model.departing.dropFirst(evidence.departing.count)
    guard !others.isEmpty else { return nil }
    var details: [String?] = []
    for tensor in evidence.departing {
      var partner: Int?
      for other in others where model.entries[other].count == tensor.count {
        let reference = try model.numbers(other, .reference)
        let candidate = try model.numbers(other, .candidate)
        guard isSame(reference, tensor.candidate, isRounded: tensor.isRounded),
          isSame(tensor.reference, candidate, isRounded: tensor.isRounded)
        else { continue }
        partner = other
        break
      }
      guard let partner else { return nil }
      details.append("with \(model.entries[partner].reference.name)")
    }
    return evidence.cause(.swappedTensors, evidence.joined(details))
  }

  /// Whether numbers are the same, or within what a conversion had to round.
  private static func isSame(_ a: [Float], _ b: [Float], isRounded: Bool) -> Bool {
    guard isRounded else { return a.isSame(as: b) }
    return a.count == b.count
      && zip(a, b).allSatisfy {
        $0.isSame(as: $1)
          || abs(Double($0) - Double($1)) <= Comparison.roundingOfAdjusted * abs(Double($0))
      }
  }
}

/// A tensor that holds the numbers of another one of the model.
enum CopiedTensor: CauseTrial {
  /// How many tensors are looked through, at most.
  private static let limit = 256

  static func cause(_ evidence: LayerEvidence) throws(ModelFileError) -> LikelyCause? {
    let model = evidence.model
    var details: [String?] = []
    for tensor in evidence.departing {
      // A few equal numbers may be chance, and a constant is found in many places.
      guard tensor.count > 3, !tensor.candidate.isConstant else { return nil }
      let positions = model.entries.indices.filter {
        $0 != tensor.position && model.entries[$0].count == tensor.count
      }
      var origin: Int?
      for position in positions.prefix(limit) {
        guard try model.numbers(position, .reference).isSame(as: tensor.candidate) else { continue }
        origin = position
        break
      }
      guard let origin else { return nil }
      details.append("has the numbers of \(model.entries[origin].reference.name)")
    }
    return evidence.cause(.copiedTensor, evidence.joined(details))
  }
}

extension [Float] {
  /// Whether all numbers are those of another array to the bit.
  func isSame(as other: [Float]) -> Bool {
    count == other.count && !zip(self, other).contains { !$0.isSame(as: $1) }
  }

  /// Whether all numbers are one.
  var isConstant: Bool { !dropFirst().contains { !$0.isSame(as: self[0]) } }
}
