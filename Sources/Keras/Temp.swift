import ModelGraph
extension ActivationFunction {
  static func celu(alpha: Double) -> Self { .linear }
  static var logSigmoid: Self { .linear }
  static var softplus: Self { .linear }
  static var softsign: Self { .linear }
  static var exponential: Self { .linear }
  static var gelu: Self { .linear }
  static var hardSwish: Self { .linear }
  static func softShrink(threshold: Double) -> Self { .linear }
  static func hardShrink(threshold: Double) -> Self { .linear }
  static var tanhShrink: Self { .linear }
  static func squareplus(b: Double) -> Self { .linear }
  static var sparsePlus: Self { .linear }
  static var sparseSigmoid: Self { .linear }
  static var logSoftmax: Self { .linear }
  static var sparsemax: Self { .linear }
  static func threshold(level: Double, value: Double) -> Self { .linear }
  static func thresholdedRelu(threshold: Double, slope: Double, maximum: Double?) -> Self { .linear }
}
