/// What becomes of the errors that an operation's inputs have, and how many it makes itself: what a tolerance
/// is worked out from (`spec/tolerances.md`).
public struct ErrorPropagation: Sendable, Equatable {
  /// What becomes of the inputs' errors.
  public enum Rule: Sendable, Equatable {
    /// The largest absolute error of an input, times the steepest slope.
    case largest(slope: Double)
    /// The sum of the inputs' absolute errors.
    case sum
    /// The sum of the inputs' relative errors.
    case sumOfRelative
    /// The largest relative error: many numbers are summed, whose errors cancel out as the numbers do.
    case largestRelative
  }

  /// How many numbers one number of the result is summed from.
  public enum Summands: Sendable, Equatable {
    /// So many.
    case count(Int)
    /// The multiply-adds of one number.
    case products
    /// As many as there are numbers of the input for each of the result.
    case inputsPerOutput
    /// All numbers of the input.
    case allInputs
  }

  /// What becomes of the inputs' errors.
  public let rule: Rule
  /// How many numbers are summed.
  public let summands: Summands
  /// Whether each number of the result is one of an input, or a constant, and nothing is computed.
  public let onlyMovesNumbers: Bool

  private init(_ rule: Rule, _ summands: Summands, onlyMovesNumbers: Bool = false) {
    self.rule = rule
    self.summands = summands
    self.onlyMovesNumbers = onlyMovesNumbers
  }

  /// Numbers are moved, repeated or left out; rounding to a shorter type has a tolerance of its own.
  public static let moved = ErrorPropagation(
    .largest(slope: 1), .count(1), onlyMovesNumbers: true)
  /// `x₀ ± x₁ ± …`
  public static let added = ErrorPropagation(.sum, .count(1))
  /// `x₀ · x₁ · …`
  public static let multiplied = ErrorPropagation(.sumOfRelative, .count(1))
  /// What keeps relative errors: a factor, a division by what all numbers have in common.
  public static let relative = ErrorPropagation(.largestRelative, .count(1))

  /// A function of one number, or the mean of `summands` numbers.
  ///
  /// - Parameters:
  ///   - slope: the most that a difference of 1 in an input becomes in the result.
  ///   - summands: how many numbers the mean is taken of.
  public static func function(slope: Double, summands: Int = 1) -> ErrorPropagation {
    ErrorPropagation(.largest(slope: slope), .count(max(summands, 1)))
  }

  /// Sums of many numbers.
  public static func summed(_ summands: Summands) -> ErrorPropagation {
    ErrorPropagation(.largestRelative, summands)
  }
}

extension Node {
  /// The numbers that one number of its value is summed from, 1 or more.
  ///
  /// - Parameter inputs: the shapes of what it takes.
  public func summands(inputs: [Shape]) -> Int {
    let outputs = max(shape.elementCount, 1)
    let taken = inputs.first?.elementCount ?? 1
    return switch operation.errorPropagation.summands {
    case .count(let count): count
    case .products: max(operation.multiplyAdds(inputs: inputs, output: shape) / outputs, 1)
    case .inputsPerOutput: max(taken / outputs, 1)
    case .allInputs: max(taken, 1)
    }
  }
}
