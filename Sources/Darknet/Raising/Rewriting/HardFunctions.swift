import FileSupport
import ModelGraph

/// `hard_sigmoid` and its kin: a straight line clipped at 0 and 1, which `hardtan` and a ReLU do; and the product of
/// a value with one of them.
enum HardFunctions: RewritingRule {
  static let name = "hard functions"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let function = rewriting.missingFunction(operation), let input = inputs.first else {
      return nil
    }
    switch function {
    case .leakyStep(let scale, let offset, slope: 0):
      return try step(input, scale, offset, rewriting)
    case .sparseSigmoid: return try step(input, 0.5, 0.5, rewriting)
    case .hardSwish:
      let moved = try rewriting.apply(Affine(scale: 1, offset: 3), to: [input])
      let clipped = try rewriting.apply(Activation(.relu(maximum: 6)), to: [moved])
      let factor = try rewriting.apply(Affine(scale: 1.0 / 6, offset: 0), to: [clipped])
      return try rewriting.apply(Elementwise(.product), to: [input, factor])
    default: return nil
    }
  }

  private static func step(
    _ input: Place, _ scale: Double, _ offset: Double, _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place {
    let line = try rewriting.apply(Affine(scale: scale, offset: offset), to: [input])
    let clipped = try rewriting.apply(Activation(.hardTanh), to: [line])
    return try rewriting.apply(Activation(.relu(maximum: nil)), to: [clipped])
  }
}
