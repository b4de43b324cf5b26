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
/// kept or computed in a shorter type, ε is that type's (``Coarseness``).
struct Tolerance {
  /// The tolerance of each node's value, relative to `1 + max |reference|`.
  static func byNode(
    of graph: Graph, _ magnitudes: Magnitudes, _ coarseness: Coarseness
  ) -> [Int: Double] {
    var result: [Int: Double] = [:]
    for node in graph.nodes {
      guard !node.inputs.isEmpty else {
        result[node.id] = 0
        continue
      }
      let own =
        2 * coarseness.epsilon(of: node) * Double(summands(of: node, in: graph)).squareRoot()
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
    // Relative differences of factors add up.
    if node.operation.multiplies { return relative.reduce(0, +) }
    guard let slope = node.operation.slope else { return largest }
    let absolute = node.inputs.map { (tolerances[$0] ?? 0) * (magnitudes.scales[$0] ?? 1) }
    let sum = node.operation.adds ? absolute.reduce(0, +) : absolute.max() ?? 0
    return max(largest, sum * slope / scale)
  }

  /// The values that one number of a node is summed from.
  private static func summands(of node: Node, in graph: Graph) -> Int {
    let inputs = node.inputs.map { graph.nodes[$0].shape }
    let outputs = max(node.shape.elementCount, 1)
    switch node.operation {
    case is Standardization: return max(inputs.first?.elementCount ?? 1, 1)
    case let pooling as Pooling where pooling.rule == .average:
      return max(Shape(pooling.window.size).elementCount, 1)
    case is GlobalAveragePooling:
      return max((inputs.first?.elementCount ?? 1) / outputs, 1)
    case let reduction as Reduction where [.sum, .mean].contains(reduction.rule):
      return max((inputs.first?.elementCount ?? 1) / outputs, 1)
    default:
      return max(node.operation.multiplyAdds(inputs: inputs, output: node.shape) / outputs, 1)
    }
  }
}

extension Operation {
  /// Whether a number is the sum of one of each input.
  fileprivate var adds: Bool {
    if let rule = (self as? Combination)?.rule { return [.sum, .difference].contains(rule) }
    return self is Addition
  }

  /// Whether a number is made of factors.
  fileprivate var multiplies: Bool {
    if let rule = (self as? Combination)?.rule {
      return [.product, .quotient, .power].contains(rule)
    }
    return self is Multiplication || (self as? Reduction)?.rule == .product
  }

  /// The most that a difference of one input number becomes in an output number; `nil` where many
  /// numbers are summed, whose differences cancel out as the numbers themselves do.
  fileprivate var slope: Double? {
    switch self {
    case is Combination, is Selection, is Resizing, is Rounding: 1
    case let reduction as Reduction where [.maximum, .minimum].contains(reduction.rule): 1
    case let activation as Activation: activation.function.slope
    case let softmax as Softmax: 0.5 / max(softmax.temperature, .leastNormalMagnitude)
    case is GroupedSoftmax, is PixelSoftmax: 0.5
    case let affine as Affine: abs(affine.scale)
    case let upsampling as Upsampling: abs(upsampling.scale)
    case is Addition, is Pooling, is ChannelMaximum, is ChannelSlice, is Concatenation, is Crop,
      is Transposition, is Slicing, is Bordering, is Repetition, is FoldIntoBatch,
      is UnfoldFromBatch, is any DetectionHead:
      1
    default: nil
    }
  }
}

extension ActivationFunction {
  /// The largest slope, rounded up.
  fileprivate var slope: Double? {
    switch self {
    case .logistic: 0.25
    case .loggy: 0.5
    case .scaledElu(let alpha, let scale): scale * max(alpha, 1)
    case .elu(let alpha): max(alpha, 1)
    case .ramp(let slope): 1 + max(slope, 0)
    case .leakyRelu(let slope): max(abs(slope), 1)
    case .leakyStep(let scale, _, let slope): abs(scale) * max(abs(slope), 1)
    case .geluTanh, .swish, .mish, .gelu: 1.15
    case .linear, .tanh, .relu, .hardMish, .hardTanh, .stair, .softplus, .softsign, .logSigmoid,
      .celu, .softShrink, .hardShrink, .tanhShrink, .squareplus, .sparsePlus, .threshold,
      .sparsemax:
      1
    case .hardSwish: 1.5
    case .sparseSigmoid: 0.5
    case .thresholdedRelu(_, let slope, _): max(abs(slope), 1)
    case .logSoftmax: 2
    case .normalizedChannels, .exponential: nil
    case .channelSoftmax: 0.5
    }
  }
}
