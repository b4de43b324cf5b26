import FileSupport
import ModelGraph

/// ReLU with a maximum, where darknet has none or computes zeros for it: *v* = max(x, 0) clipped at a power of two
/// *p* by `hardtan`, which clips at 1, and then `v − max(v − maximum, 0)`.
///
/// *p* is the first that is not below the maximum, so that no difference is rounded: the numbers are Keras's bit for
/// bit.
enum ClippedReLU: RewritingRule {
  static let name = "ReLUs with a maximum"
  /// The maxima whose powers of two, and their reciprocals, no code takes for 0 or infinite.
  private static let range: ClosedRange<Float> = 0x1p-100...0x1p100

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let activation = operation as? Activation, let input = inputs.first,
      let maximum = maximum(of: activation.function), range.contains(maximum),
      rewriting.hasChannels(input)
    else { return nil }
    if let name = ActivationName(activation.function, in: rewriting.dialect),
      !(name == .relu6 && rewriting.dialect.failsAtRelu6)
    {
      return nil
    }
    return try rewriting.beforeFlattening(input) { (input) throws(ModelFileError) in
      try clipped(input, at: maximum, rewriting)
    }
  }

  private static func maximum(of function: ActivationFunction) -> Float? {
    switch function {
    case .relu(let maximum?), .thresholdedRelu(threshold: 0, slope: 0, let maximum?): Float(maximum)
    default: nil
    }
  }

  private static func clipped(
    _ input: Place, at maximum: Float, _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place {
    let extents = rewriting.shape(of: input).extents
    let axes = extents.count - 1
    let size = [Int](repeating: 1, count: axes)
    let channels = extents.last ?? 1
    let power =
      maximum.significand == 1
      ? maximum : Float(sign: .plus, exponent: maximum.exponent + 1, significand: 1)
    let positive = try rewriting.apply(Activation(.relu(maximum: nil)), to: [input])
    let scaled = try rewriting.apply(Affine(scale: 1 / Double(power), offset: 0), to: [positive])
    let clipped = try rewriting.apply(Activation(.hardTanh), to: [scaled])
    // The value and what is above the maximum, side by side.
    let parts = try rewriting.apply(
      rewriting.perChannel(
        [[power], [power]], channels: channels, size: size, biases: [0, -maximum]), to: [clipped])
    return try rewriting.apply(
      rewriting.joining([1, -1], count: 2, channels: channels, axes: axes),
      to: [try rewriting.apply(Activation(.relu(maximum: nil)), to: [parts])])
  }
}
