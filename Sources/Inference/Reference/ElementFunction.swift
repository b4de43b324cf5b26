import FileSupport
import ModelGraph

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ElementFunction: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let function = function
    let x = node.inputs[0].values
    return node.result(
      node.workers.fill(parts: x.isEmpty ? 0 : 1, of: x.count) { _, run in
        for index in x.indices { run[index] = Scalar(function.value(Double(x[index]))) }
      })
  }
}

extension ElementFunction.Function {
  /// The value of one number; a truth value is 1 or 0.
  fileprivate func value(_ x: Double) -> Double {
    switch self {
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .trunc: x.rounded(.towardZero)
    case .round: x.rounded(.toNearestOrEven)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .sin: Foreign.sine(x)
    case .cos: Formula.cosine(x)
    case .tan: Foreign.tangent(x)
    case .sinh: Foreign.hyperbolicSine(x)
    case .cosh: Foreign.hyperbolicCosine(x)
    case .arcsin: Foreign.arcsine(x)
    case .arccos: Foreign.arccosine(x)
    case .arctan: Formula.arctangent(x)
    case .arcsinh: Foreign.areaSine(x)
    case .arccosh: Foreign.areaCosine(x)
    case .arctanh: Foreign.areaTangent(x)
    case .log: Formula.logarithm(x)
    case .log1p: Foreign.logarithmOfOneMore(x)
    case .log2: Foreign.binaryLogarithm(x)
    case .log10: Foreign.decimalLogarithm(x)
    case .expm1: Formula.exponentialLessOne(x)
    case .exp2: Formula.power(2, x)
    case .sqrt: x.squareRoot()
    case .rsqrt: 1 / x.squareRoot()
    case .cbrt: Foreign.cubeRoot(x)
    case .erf: Foreign.errorFunction(x)
    case .isnan: x.isNaN ? 1 : 0
    case .isfinite: x.isFinite ? 1 : 0
    case .isinf: x.isInfinite ? 1 : 0
    }
  }
}

/// The functions of the C library under names that the cases above leave free.
private enum Foreign {
  static func sine(_ x: Double) -> Double { sin(x) }
  static func tangent(_ x: Double) -> Double { tan(x) }
  static func hyperbolicSine(_ x: Double) -> Double { sinh(x) }
  static func hyperbolicCosine(_ x: Double) -> Double { cosh(x) }
  static func arcsine(_ x: Double) -> Double { asin(x) }
  static func arccosine(_ x: Double) -> Double { acos(x) }
  static func areaSine(_ x: Double) -> Double { asinh(x) }
  static func areaCosine(_ x: Double) -> Double { acosh(x) }
  static func areaTangent(_ x: Double) -> Double { atanh(x) }
  static func logarithmOfOneMore(_ x: Double) -> Double { log1p(x) }
  static func binaryLogarithm(_ x: Double) -> Double { log2(x) }
  static func decimalLogarithm(_ x: Double) -> Double { log10(x) }
  static func cubeRoot(_ x: Double) -> Double { cbrt(x) }
  static func errorFunction(_ x: Double) -> Double { erf(x) }
}
