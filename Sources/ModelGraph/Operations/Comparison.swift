/// 1 for each number that is, or is not, a given one, 0 for the others: the marks of steps that a recurrent layer
/// passes over (`layers/core/masking.py`). Two values are compared by an ``Elementwise``.
///
/// The given number is rounded to float32 first, as Keras rounds it.
public struct Comparison: Operation {
  /// The relation of *x* to the given number.
  public enum Rule: String, Sendable, CaseIterable {
    case equal, unequal
  }

  /// The relation.
  public let rule: Rule
  /// The number.
  public let number: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A comparison.
  public init(_ rule: Rule, with number: Double) {
    self.rule = rule
    self.number = number
  }
}
