import FileSupport
import ModelGraph
import Synchronization

/// Holds all pairs of parameters against each other, some at the same time: to read them and to put them in order
/// takes longer than to compare them.
struct ParameterComparison {
  /// What came of it.
  struct Outcome {
    var compared = 0
    /// How many of these are numbers of two types, or were rounded by a conversion.
    var rounded = 0
    /// Those that differ, in order.
    var differing: [ComparisonReport.Parameter] = []
    /// Where these stand among all pairs, those without numbers counted.
    var departing: [Int] = []
  }

  /// A pair of which at least one side has numbers.
  private struct Pair: Sendable {
    let position: Int
    let layer: String
    let name: String
    let count: Int
    let isRounded: Bool
    let numbers: (OrderedTensor?, OrderedTensor?)

    /// Whether the numbers can't be compared bit by bit.
    var isInexact: Bool {
      guard let first = numbers.0, let second = numbers.1 else { return false }
      return isRounded || first.elementType != second.elementType
    }

    /// Numbers that one side lacks are infinitely far from the other's.
    func outcome() throws(ModelFileError) -> NumberComparison.Outcome {
      guard let first = numbers.0, let second = numbers.1 else {
        return .init(count: count, largest: .infinity)
      }
      return try NumberComparison(rounding: isRounded ? Comparison.roundingOfAdjusted : 0)
        .outcome(first, second)
    }
  }

  private let pairs: [Pair]

  init(_ layers: [(ComparedModel.Layer, ComparedModel.Layer)]) {
    var pairs: [Pair] = []
    var position = -1
    for (layer, other) in layers {
      for (a, b) in zip(layer.parameters, other.parameters) {
        position += 1
        guard a.numbers != nil || b.numbers != nil else { continue }
        pairs.append(
          Pair(
            position: position, layer: layer.name, name: a.name, count: a.shape.elementCount,
            isRounded: a.isRounded || b.isRounded, numbers: (a.numbers, b.numbers)))
      }
    }
    self.pairs = pairs
  }

  /// - Throws: `ModelFileError` of the first pair that can't be read.
  func outcome() throws(ModelFileError) -> Outcome {
    var outcome = Outcome(compared: pairs.count, rounded: pairs.count(where: \.isInexact))
    for (pair, result) in zip(pairs, results()) {
      let numbers = try result.get()
      guard numbers.count > 0 else { continue }
      outcome.departing.append(pair.position)
      outcome.differing.append(
        .init(
          layer: pair.layer, name: pair.name, differing: numbers.count, count: pair.count,
          maximumAbsolute: numbers.largest))
    }
    return outcome
  }

  /// Each holds two arrays in memory.
  private static let mostAtATime = 4

  private func results() -> [Result<NumberComparison.Outcome, ModelFileError>] {
    let state = Mutex((next: 0, found: [Int: Result<NumberComparison.Outcome, ModelFileError>]()))
    Threads.perform(min(Self.mostAtATime, Threads.cores)) { _ in
      while true {
        let index = state.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard index < pairs.count else { return }
        let result = Result { () throws(ModelFileError) in try pairs[index].outcome() }
        state.withLock { $0.found[index] = result }
      }
    }
    return state.withLock { state in pairs.indices.compactMap { state.found[$0] } }
  }
}
