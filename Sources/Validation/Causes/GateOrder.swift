/// Gates of a recurrent layer that stand in another order than the reference's: i, f, c, o and z, r, h are those of Keras.
enum GateOrder: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    let units = Set(
      evidence.departing.flatMap { tensor in [3, 4].map { (tensor, $0) } }.compactMap {
        tensor, gates in self.units(of: tensor, gates: gates, in: evidence)
      }.map { [$0.gates, $0.units] })
    for pair in units.sorted(by: { $0[0] > $1[0] }) {
      let (gates, units) = (pair[0], pair[1])
      let tensors = evidence.departing
      guard tensors.allSatisfy({ $0.extents.last == gates * units }) else { continue }
      let own = Array(0..<gates)
      for order in Permutations.all(of: own) where order != own {
        guard tensors.allSatisfy({ isOrder(order, of: $0, units: units) }) else { continue }
        let letters = gates == 4 ? ["i", "f", "c", "o"] : ["z", "r", "h"]
        let names = order.map { letters[$0] }.joined(separator: ", ")
        return evidence.cause(
          .gateOrder, "\(names) for \(letters.joined(separator: ", "))")
      }
    }
    return nil
  }

  /// The units of the recurrent layer that a tensor may belong to: one whose states are as many as a gate's numbers.
  private static func units(
    of tensor: DepartingTensor, gates: Int, in evidence: LayerEvidence
  ) -> (gates: Int, units: Int)? {
    guard let last = tensor.extents.last, last % gates == 0 else { return nil }
    let units = last / gates
    let isRecurrent = evidence.model.entries.contains { entry in
      entry.layer == evidence.layer && entry.reference.extents.count > 1
        && Array(entry.reference.extents.suffix(2)) == [units, gates * units]
    }
    return isRecurrent ? (gates, units) : nil
  }

  /// Whether block `n` of the candidate is block `order[n]` of the reference.
  private static func isOrder(_ order: [Int], of tensor: DepartingTensor, units: Int) -> Bool {
    let slices = Slices(tensor.extents, axis: tensor.extents.count - 1)
    return (0..<slices.count).allSatisfy { unit in
      let origin = order[unit / units] * units + unit % units
      return slices.isSame(tensor.reference, origin, tensor.candidate, unit)
    }
  }

  /// Whether tensors of darknet's recurrent layers, each of which is named after its gate, are exchanged gate by gate.
  static func isOrder(_ names: [String], of origins: [String]) -> Bool {
    var partners: [Substring: Substring] = [:]
    for (name, origin) in zip(names, origins) {
      let (part, other) = (name.split(separator: "."), origin.split(separator: "."))
      guard part.count == 2, other.count == 2, part[1] == other[1] else { return false }
      guard partners[part[0], default: other[0]] == other[0] else { return false }
      partners[part[0]] = other[0]
    }
    return true
  }
}
