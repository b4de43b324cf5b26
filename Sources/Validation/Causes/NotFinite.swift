/// Numbers that became NaN or infinite, all others being as they were.
enum NotFinite: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    var nans = 0
    var infinities = 0
    for tensor in evidence.departing {
      for place in tensor.departures {
        let number = tensor.candidate[place]
        guard !number.isFinite else { return nil }
        if number.isNaN { nans += 1 } else { infinities += 1 }
      }
    }
    let total = evidence.departing.reduce(0) { $0 + $1.count }
    return nans > 0
      ? evidence.cause(.notANumber, "\(nans + infinities) of \(total)")
      : evidence.cause(.infinite, "\(infinities) of \(total)")
  }
}

/// One bit of one number.
enum FlippedBit: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    guard let tensor = evidence.single, tensor.differing == 1,
      let place = tensor.departures.first(where: { _ in true }),
      tensor.parameter.numbers?.elementType == .float32,
      tensor.candidateParameter.numbers?.elementType == .float32
    else { return nil }
    let (a, b) = (tensor.reference[place], tensor.candidate[place])
    let flipped = a.bitPattern ^ b.bitPattern
    guard flipped.nonzeroBitCount == 1 else { return nil }
    return evidence.cause(
      .flippedBit,
      "bit \(flipped.trailingZeroBitCount) of number \(tensor.index(of: place)), "
        + "\(a) → \(b)")
  }
}

/// The four bytes of each number, or its halves, in another order.
enum ByteOrder: CauseTrial {
  private static let orders: [(name: String, apply: @Sendable (UInt32) -> UInt32)] = [
    ("big endian", { $0.byteSwapped }),
    ("halves swapped", { $0 << 16 | $0 >> 16 }),
    ("bytes of the halves swapped", { ($0 << 16 | $0 >> 16).byteSwapped }),
  ]

  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    for order in orders {
      let found = evidence.each(.byteOrder) { tensor in
        let isSwapped = tensor.allSatisfy { $0.bitPattern == order.apply($1.bitPattern) }
        return isSwapped ? Explanation(detail: nil) : nil
      }
      guard let found else { continue }
      return LikelyCause(found.kind, layer: found.layer, tensor: found.tensor, detail: order.name)
    }
    return nil
  }
}
