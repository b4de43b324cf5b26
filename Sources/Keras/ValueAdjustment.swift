/// What happens to each number of a parameter on its way into a Keras variable.
///
/// Almost all numbers are copied. An array whose numbers change is carried beside the model in its
/// original form, so the way back copies and never has to invert a rounded value.
public enum ValueAdjustment: Sendable, Equatable {
  /// Numbers are copied.
  case none
  /// A running variance *v* for which the source divides by `√v + besideRoot` becomes the one for
  /// which Keras, dividing by `√(v′ + insideRoot)`, divides by the same number:
  /// `v′ = (√v + besideRoot)² − insideRoot`.
  case variance(besideRoot: Double, insideRoot: Double)

  /// The number that Keras gets.
  ///
  /// It is computed in double precision and rounded once to float: *v′* is off by at most 2⁻²⁴ of
  /// itself (half a unit in the last place), so the divisor by at most 2⁻²⁵ of itself, about 3e-8. A
  /// variance that is negative or NaN has no root; it is kept, so that the model stays as ill as it was.
  public func apply(to value: Float) -> Float {
    switch self {
    case .none:
      return value
    case .variance(let beside, let inside):
      guard value >= 0 else { return value }
      let v = Double(value)
      // The square is multiplied out: with inside = beside² the difference of the last two is then
      // nothing but rounding, which must not make a variance of 0 negative.
      return Float(max(v + 2 * beside * v.squareRoot() + (beside * beside - inside), 0))
    }
  }
}
