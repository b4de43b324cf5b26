import COneDNN

/// Numbers that steps read or write: where they are kept and how they lie there.
struct Operand: Sendable {
  /// Where numbers are kept.
  enum Place: Sendable {
    /// In a buffer of the run's own, by its number in the plan.
    case buffer(Int)
    /// In memory that belongs to the plan: weights.
    case constant(KernelMemory)
  }

  let place: Place
  let layout: TensorLayout

  /// The buffer, if it is one.
  var buffer: Int? {
    if case .buffer(let number) = place { number } else { nil }
  }
}

/// One argument of a primitive.
struct PrimitiveArgument: Sendable {
  let name: onednn_argument
  /// Which of several sources, counted from 1; 0 of others.
  var number = 0
  let operand: Operand
}
