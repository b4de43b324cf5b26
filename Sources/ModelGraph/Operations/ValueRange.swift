/// What is known of all numbers of a value, whatever the model is given.
package struct ValueRange: Sendable {
  /// None is smaller.
  package var lowest: Double
  /// None is larger.
  package var highest: Double

  /// A range.
  package init(lowest: Double, highest: Double) {
    self.lowest = lowest
    self.highest = highest
  }

  /// Nothing is known.
  package static let any = ValueRange(lowest: -.infinity, highest: .infinity)

  /// Whether no number is below 0.
  package var isNeverNegative: Bool { lowest >= 0 }

  /// What is known if both are.
  package func intersection(_ other: ValueRange) -> ValueRange {
    ValueRange(lowest: max(lowest, other.lowest), highest: min(highest, other.highest))
  }

  /// The range with a further number.
  package func including(_ number: Double) -> ValueRange {
    ValueRange(lowest: min(lowest, number), highest: max(highest, number))
  }
}

extension ValueRange {
  /// What follows from an operation for its value.
  package init(of operation: any Operation, inputs: [ValueRange]) {
    self = .any
    guard let first = inputs.first else { return }
    switch operation {
    case is Dropout, is Reshaping, is Transposition, is Slice, is Repeat, is Concatenation,
      is Pooling:
      // Numbers of the inputs, or means of them.
      self = inputs.reduce(first) { $0.including($1.lowest).including($1.highest) }
    case let activation as Activation: self = ValueRange(of: activation.function, first)
    case let reduction as Reduce:
      if [.mean, .maximum, .minimum].contains(reduction.rule) { self = first }
    case let elementwise as Elementwise:
      switch elementwise.rule {
      case .sum:
        lowest = inputs.reduce(0) { $0 + $1.lowest }
        highest = inputs.reduce(0) { $0 + $1.highest }
      case .product where inputs.allSatisfy(\.isNeverNegative): lowest = 0
      default: break
      }
    case let affine as Affine where affine.scale > 0:
      lowest = affine.scale * first.lowest + affine.offset
      highest = affine.scale * first.highest + affine.offset
    default: break
    }
  }

  /// What follows from a function.
  private init(of function: ActivationFunction, _ input: ValueRange) {
    self = .any
    switch function {
    case .linear: self = input
    case .logistic: self = ValueRange(lowest: 0, highest: 1)
    case .relu(let maximum): self = ValueRange(lowest: 0, highest: maximum ?? max(input.highest, 0))
    case .hardTanh:
      self = ValueRange(
        lowest: min(max(input.lowest, -1), 1), highest: max(min(input.highest, 1), -1))
    case .tanh, .loggy: self = ValueRange(lowest: input.isNeverNegative ? 0 : -1, highest: 1)
    case .thresholdedRelu(let threshold, let slope, let maximum) where threshold >= 0 && slope <= 0:
      self = ValueRange(lowest: 0, highest: maximum ?? .infinity)
    case .exponential, .softplus: lowest = 0
    case .leakyStep(_, _, let slope) where slope == 0: self = ValueRange(lowest: 0, highest: 1)
    case .leakyRelu, .elu, .swish, .mish: if input.isNeverNegative { lowest = 0 }
    default: break
    }
  }
}

extension Graph {
  /// What is known of the numbers of each node.
  package var valueRanges: [ValueRange] {
    nodes.reduce(into: []) { ranges, node in
      ranges.append(ValueRange(of: node.operation, inputs: node.inputs.map { ranges[$0] }))
    }
  }
}
