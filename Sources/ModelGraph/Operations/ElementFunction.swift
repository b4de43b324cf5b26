/// A function of mathematics, applied to each number for itself: what models call outside any layer
/// (`keras/src/ops/numpy.py`, `math.py`). Those that layers end with are ``ActivationFunction``s.
public struct ElementFunction: Operation {
  /// The functions, by their names in `keras.ops`.
  public enum Function: String, Sendable, CaseIterable {
    case floor, ceil, trunc, sign, sin, cos, tan, sinh, cosh, log, log1p, log2, log10, expm1, exp2
    case sqrt, rsqrt, cbrt, erf, isnan, isfinite, isinf
    case arcsin, arccos, arctan, arcsinh, arccosh, arctanh
    /// To the nearest whole number, the even one of two.
    case round
  }

  /// The function.
  public let function: Function
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A function.
  public init(_ function: Function) { self.function = function }
}
