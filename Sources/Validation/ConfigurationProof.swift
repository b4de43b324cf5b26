import Inspection
import ModelGraph

/// Compares the configurations of two models in every vocabulary that both have: darknet's sections, heads
/// included, and Keras's layers. A Keras file that holds a darknet network is held against what that network
/// calls for.
struct ConfigurationProof {
  /// What was found.
  private(set) var outcome = ConfigurationComparison.Outcome()
  /// Whether all that is computed was compared.
  private(set) var isWhole = true

  init(_ reference: ComparedModel, _ candidate: ComparedModel, _ pairing: ModelPairing) {
    if let first = reference.network, let second = candidate.network {
      let pairs = Array(zip(first.layers, second.layers))
      if first.isLowered && second.isLowered {
        add(ConfigurationComparison(first, second, pairs: pairs).run())
      } else {
        compareOptions(pairs)
      }
    }
    switch (reference.keras, candidate.keras) {
    case (let first?, let second?):
      compare(first, second, expected: nil)
    case (nil, let second?):
      if let first = candidate.expectedKeras { compare(first, second, expected: first) }
    case (let first?, nil):
      if let second = reference.expectedKeras { compare(first, second, expected: second) }
    case (nil, nil): break
    }
    for (side, other) in [(reference, candidate), (candidate, reference)]
    where !side.lackedHeads.isEmpty && other.lackedHeads.isEmpty {
      isWhole = false
      outcome.unknown.append(
        "the options of \(side.lackedHeads.joined(separator: ", ")), of which \(side.path) says nothing"
      )
    }
    for reason in [reference.unproved, candidate.unproved].compactMap(\.self) {
      isWhole = false
      outcome.unknown.append(reason)
    }
  }

  /// Compares networks for which the graph has no operations: what a changed option means can't be told, so
  /// each is a difference.
  private mutating func compareOptions(
    _ pairs: [(ModelDescription.Layer, ModelDescription.Layer)]
  ) {
    for (one, other) in pairs {
      outcome.compared += 1
      outcome.differences += LayerSettings.differences(one, other)
    }
  }

  /// Compares Keras's layers.
  ///
  /// - Parameter expected: the one of them that a network calls for. Where the other has its layers by other
  ///   names, of another origin, they may be cut up otherwise: then the walk begins at inputs and outputs.
  private mutating func compare(
    _ first: ModelDescription, _ second: ModelDescription, expected: ModelDescription?
  ) {
    let pairing = NamePairing(first.layers.map(\.name), second.layers.map(\.name))
    let isForeign = expected.map { $0.layers.count != pairing.namedCount } ?? false
    if !isForeign { outcome.differences += pairing.differences }
    let positions = isForeign ? [] : pairing.positions
    add(
      ConfigurationComparison(
        first, second, pairs: positions.map { (first.layers[$0], second.layers[$1]) },
        allowsOtherCut: isForeign
      ).run())
  }

  private mutating func add(_ other: ConfigurationComparison.Outcome) {
    outcome.compared += other.compared
    for difference in other.differences where !outcome.differences.contains(difference) {
      outcome.differences.append(difference)
    }
    for difference in other.equivalent where !outcome.equivalent.contains(difference) {
      outcome.equivalent.append(difference)
    }
    outcome.unknown += other.unknown
  }
}
