import FileSupport
import Inference
import ModelGraph

extension ParameterSlot {
  /// The numbers that a new network begins with, by darknet's rules (`make_*_layer`): kernels and
  /// matrices `√(2 / fan-in) · u` with *u* from −1 to 1, scales 1, factors of a sum 1, all else 0. The
  /// numbers themselves are not darknet's, whose come out of the C library's `rand`.
  static func fresh(_ parameter: Parameter, seed: UInt64, number: Int) -> [Double] {
    let count = parameter.shape.elementCount
    switch parameter.role {
    case .scales: return [Double](repeating: 1, count: count)
    case .weights: break
    default: return [Double](repeating: 0, count: count)
    }
    let extents = parameter.shape.extents
    // Factors of a shortcut, [inputs] or [inputs, channels], have no kernel.
    guard extents.count > 1, parameter.isMatrixOrKernel else {
      return [Double](repeating: 1, count: count)
    }
    let fanIn = extents.suffix(extents.count == 2 ? 1 : 3).reduce(1, *)
    let scale = (2 / Double(fanIn)).squareRoot()
    var chance = SplitMix64(mixing: seed, 0xF8E5, UInt64(number))
    return (0..<count).map { _ in Double(Float(scale * (2 * chance.unit() - 1))) }
  }
}

extension Parameter {
  /// Whether its rows are multiplied with inputs: all weights but those of a sum.
  fileprivate var isMatrixOrKernel: Bool { !name.hasPrefix("shortcut_") }
}
