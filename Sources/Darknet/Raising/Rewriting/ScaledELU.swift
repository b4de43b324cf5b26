import FileSupport
import ModelGraph

/// `elu` with other constants than darknet's, `selu` and `celu`: the positive part times a number, and darknet's
/// `elu` of the negative part times another.
enum ScaledELU: RewritingRule {
  static let name = "exponential functions with other constants"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let function = rewriting.missingFunction(operation), let input = inputs.first else {
      return nil
    }
    let (above, below, divisor): (Double, Double, Double)
    switch function {
    case .elu(let alpha): (above, below, divisor) = (1, alpha, 1)
    case .scaledElu(let alpha, let scale): (above, below, divisor) = (scale, scale * alpha, 1)
    case .celu(let alpha) where alpha > 0: (above, below, divisor) = (1, alpha, alpha)
    default: return nil
    }
    let relu = Activation(.relu(maximum: nil))
    var positive = try rewriting.apply(relu, to: [input])
    if above != 1 {
      positive = try rewriting.apply(Affine(scale: above, offset: 0), to: [positive])
    }
    let turned = try rewriting.apply(Affine(scale: -1, offset: 0), to: [input])
    let depth = try rewriting.apply(relu, to: [turned])
    let exponent = try rewriting.apply(Affine(scale: -1 / divisor, offset: 0), to: [depth])
    let power = try rewriting.apply(Activation(.elu(alpha: 1)), to: [exponent])
    let negative = try rewriting.apply(Affine(scale: below, offset: 0), to: [power])
    return try rewriting.apply(Elementwise(.sum), to: [positive, negative])
  }
}
