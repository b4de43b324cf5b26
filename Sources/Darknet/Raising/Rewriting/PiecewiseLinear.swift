import FileSupport
import ModelGraph

/// Functions of straight pieces: `Σ w · max(a · x + b, 0)`. Each channel becomes several, of which a convolution with
/// a ReLU keeps what is positive, and a second one joins them.
///
/// At most one of the terms of a leaky function is not 0, so that its numbers are those of Keras bit for bit.
enum PiecewiseLinear: RewritingRule {
  static let name = "functions of straight pieces"

  /// `weight · max(factor · x + offset, 0)`
  private struct Term {
    let factor: Float
    let offset: Float
    let weight: Float
  }

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let input = inputs.first else { return nil }
    switch operation {
    case let activation as Activation:
      guard ActivationName(activation.function, in: rewriting.dialect) == nil,
        let terms = terms(of: activation.function), rewriting.hasChannels(input)
      else { return nil }
      return try rewriting.beforeFlattening(input) { (input) throws(ModelFileError) in
        try sum(terms, of: input, rewriting)
      }
    case let leaky as ParametricRelu: return try parametric(leaky, input, rewriting)
    default: return nil
    }
  }

  private static func terms(of function: ActivationFunction) -> [Term]? {
    switch function {
    case .leakyRelu(let slope), .thresholdedRelu(threshold: 0, let slope, maximum: nil):
      [
        Term(factor: 1, offset: 0, weight: 1),
        Term(factor: -1, offset: 0, weight: -Float(slope)),
      ]
    case .softShrink(let threshold):
      [
        Term(factor: 1, offset: -Float(threshold), weight: 1),
        Term(factor: -1, offset: -Float(threshold), weight: -1),
      ]
    default: nil
    }
  }

  private static func sum(
    _ terms: [Term], of input: Place, _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place {
    let parts = try parts(terms, of: input, rewriting)
    return try rewriting.apply(
      rewriting.joining(
        terms.map(\.weight), count: terms.count, channels: parts.channels, axes: parts.axes),
      to: [parts.place])
  }

  /// The terms of each channel side by side, not weighted yet.
  private static func parts(
    _ terms: [Term], of input: Place, _ rewriting: Rewriting
  ) throws(ModelFileError) -> (place: Place, channels: Int, axes: Int) {
    let extents = rewriting.shape(of: input).extents
    let channels = extents.last ?? 1
    let axes = extents.count - 1
    let apart = try rewriting.apply(
      rewriting.perChannel(
        terms.map { [$0.factor] }, channels: channels, size: [Int](repeating: 1, count: axes),
        biases: terms.map(\.offset)), to: [input])
    return (
      try rewriting.apply(Activation(.relu(maximum: nil)), to: [apart]), channels, axes
    )
  }

  /// Slopes that a model has learned: one for all pixels of a channel.
  private static func parametric(
    _ leaky: ParametricRelu, _ input: Place, _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    let shape = rewriting.shape(of: input)
    guard let channels = shape.extents.last, leaky.slopes.source != nil,
      rewriting.hasChannels(input),
      leaky.slopes.shape.extents.dropLast().allSatisfy({ $0 == 1 }),
      !(rewriting.operation(of: input) is Reshaping)
    else { return nil }
    let slopes = try OrderedTensor(leaky.slopes).values()
    guard slopes.count == channels || slopes.count == 1 else { return nil }
    let terms = [
      Term(factor: 1, offset: 0, weight: 1), Term(factor: -1, offset: 0, weight: -1),
    ]
    let parts = try parts(terms, of: input, rewriting)
    return try rewriting.apply(
      rewriting.joining(
        slopes.flatMap { [1, -$0] }, count: 2, channels: channels, axes: parts.axes),
      to: [parts.place])
  }
}
