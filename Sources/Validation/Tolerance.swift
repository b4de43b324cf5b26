import Conversion
import ModelGraph

/// How far two computations of the same layer may part, derived from how float32 rounds
/// (`spec/tolerances.md`).
///
/// A sum of *n* float32 products in any order carries a rounding error that grows like `√n · ε` of the
/// magnitude of its terms, ε = 2⁻²³ being the distance from 1 to the next float. Both sides carry one, so
/// a layer may add `2 · ε · √n`, *n* being the values that one of its numbers is summed from. What its
/// inputs may differ by already is passed on: tolerances add up along the longest way from the input.
struct Tolerance {
  /// The distance from 1 to the next float32.
  static let epsilon = Double(Float.ulpOfOne)

  /// The tolerance of each layer's value, relative to `1 + max |reference|`, by node.
  static func byNode(of model: RunnableModel) -> [Int: Double] {
    let fanIn = Dictionary(
      model.layers.map { ($0.node, $0.fanIn) }, uniquingKeysWith: { first, _ in first })
    var result: [Int: Double] = [:]
    for node in model.graph.nodes {
      let inherited = node.inputs.compactMap { result[$0] }.max() ?? 0
      let own = (fanIn[node.id]).map { 2 * epsilon * Double($0).squareRoot() } ?? 0
      result[node.id] = inherited + own
    }
    return result
  }
}
