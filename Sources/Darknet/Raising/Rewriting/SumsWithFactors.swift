import FileSupport
import ModelGraph

/// Differences and means of values: sums, one of which is turned before or the result of which is divided.
enum SumsWithFactors: RewritingRule {
  static let name = "differences and means"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let elementwise = operation as? Elementwise,
      Set(inputs.map(rewriting.shape)).count == 1
    else { return nil }
    switch elementwise.rule {
    case .difference where inputs.count == 2:
      let turned = try rewriting.apply(Affine(scale: -1, offset: 0), to: [inputs[1]])
      return try rewriting.apply(Elementwise(.sum), to: [inputs[0], turned])
    case .mean where inputs.count > 1:
      let sum = try rewriting.apply(Elementwise(.sum), to: inputs)
      return try rewriting.apply(Affine(scale: 1 / Double(inputs.count), offset: 0), to: [sum])
    default: return nil
    }
  }
}
