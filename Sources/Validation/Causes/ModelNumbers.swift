import FileSupport
import ModelGraph

/// The tensors that both models have, in the reference's order, which is that of a `.weights` file.
///
/// One thread uses it: the numbers that were read last are kept.
final class ModelNumbers {
  /// A tensor on both sides.
  struct Entry {
    let layer: String
    let reference: ComparedParameter
    let candidate: ComparedParameter
    /// Numbers in front of it, in all tensors.
    let start: Int

    var count: Int { reference.shape.elementCount }
    var end: Int { start + count }
  }

  enum Side { case reference, candidate }

  let entries: [Entry]
  /// The positions of the entries whose numbers differ, in order.
  let departing: [Int]
  private var kept: [(position: Int, side: Side, numbers: [Float])] = []
  private let stream = TensorStream()

  /// How many tensors are kept in memory.
  private static let keptCount = 4

  init(_ layers: [(ComparedModel.Layer, ComparedModel.Layer)], departing: [Int]) {
    var entries: [Entry] = []
    for (layer, other) in layers {
      for (a, b) in zip(layer.parameters, other.parameters) {
        entries.append(
          Entry(layer: layer.name, reference: a, candidate: b, start: entries.last?.end ?? 0))
      }
    }
    self.entries = entries
    self.departing = departing
  }

  /// The numbers of a tensor in the order that both sides share, as the less precise of the two files has them; none if a
  /// file does not have it.
  ///
  /// - Throws: `ModelFileError` of the file.
  func numbers(_ position: Int, _ side: Side) throws(ModelFileError) -> [Float] {
    if let known = kept.first(where: { $0.position == position && $0.side == side }) {
      return known.numbers
    }
    let entry = entries[position]
    let (own, other) =
      side == .reference
      ? (entry.reference.numbers, entry.candidate.numbers)
      : (entry.candidate.numbers, entry.reference.numbers)
    guard let own, let other else { return [] }
    var numbers: [Float] = []
    numbers.reserveCapacity(own.view.elementCount)
    try stream.forEachBand(of: own.source, elementType: own.elementType, view: own.view) { band in
      own.elementType.append(band, to: &numbers)
    }
    if own.elementType != other.elementType {
      let coarser =
        own.elementType.precision <= other.elementType.precision
        ? own.elementType : other.elementType
      if coarser.isShort {
        for index in numbers.indices { numbers[index] = coarser.rounded(numbers[index]) }
      }
    }
    kept.append((position, side, numbers))
    if kept.count > Self.keptCount { kept.removeFirst() }
    return numbers
  }

  /// The entry that a number of the whole belongs to.
  func position(holding number: Int) -> Int? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].end <= number { low = middle + 1 } else { high = middle }
    }
    return low < entries.count ? low : nil
  }
}
