import FileSupport
import ModelGraph

/// How far two computations of the same layer may part, derived from how float32 rounds
/// (`spec/tolerances.md`).
///
/// A sum of *n* float32 products in any order carries a rounding error that grows like `√n · ε` of the
/// magnitude of its terms, ε = 2⁻²³ being the distance from 1 to the next float. Both sides carry one, so
/// an operation may add `2 · ε · √n`, *n* being the values that one of its numbers is summed from. What
/// its inputs may differ by already is passed on: relative to the largest value through sums, as an
/// absolute difference times the steepest slope through functions of one number. Where numbers are
/// kept or computed in a shorter type, ε is that type's (``UnitRoundoff``).
struct Tolerance {
  /// The tolerance of each node's value, relative to `1 + max |reference|`.
  static func byNode(
    of graph: Graph, _ magnitudes: Magnitudes, _ roundoff: UnitRoundoff
  ) -> [Int: Double] {
    var result: [Int: Double] = [:]
    for node in graph.nodes {
      guard !node.inputs.isEmpty else {
        result[node.id] = 0
        continue
      }
      let own =
        2 * roundoff.epsilon(of: node)
        * Double(node.summands(inputs: node.inputs.map { graph.nodes[$0].shape })).squareRoot()
      result[node.id] = inherited(by: node, result, magnitudes) + own
    }
    return result
  }

  /// What the inputs' differences make of this value.
  private static func inherited(
    by node: Node, _ tolerances: [Int: Double], _ magnitudes: Magnitudes
  ) -> Double {
    let relative = node.inputs.map { tolerances[$0] ?? 0 }
    let largest = relative.max() ?? 0
    guard let scale = magnitudes.scales[node.id] else { return largest }
    if let amplified = magnitudes.amplified[node.id] {
      return max(largest, largest * amplified / scale)
    }
    let absolute = node.inputs.map { (tolerances[$0] ?? 0) * (magnitudes.scales[$0] ?? 1) }
    return switch node.operation.errorPropagation.rule {
    case .largestRelative: largest
    case .sumOfRelative: relative.reduce(0, +)
    case .sum: max(largest, absolute.reduce(0, +) / scale)
    case .largest(let slope): max(largest, (absolute.max() ?? 0) * slope / scale)
    }
  }
}
