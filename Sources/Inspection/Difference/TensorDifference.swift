import ModelGraph

/// What became of a tensor between two files.
package struct TensorDifference: Sendable {
  /// What became of it.
  package enum State: String, Sendable, CaseIterable {
    /// The same numbers under the same name at the same place.
    case equal
    /// The same numbers at another place: of a network in another layer, of named tensors in another order; or
    /// under the name that another tensor had.
    case moved
    /// The same numbers under a new name.
    case renamed
    /// Other numbers, another shape or another type.
    case changed
    /// Only the first file has it.
    case removed
    /// Only the second file has it.
    case added
    /// The numbers of a side can't be read.
    case unread
  }

  /// What became of it.
  package internal(set) var state: State
  /// The tensor of the first file.
  package let first: ModelContents.Tensor?
  /// The tensor of the second file.
  package let second: ModelContents.Tensor?
  /// How the numbers differ, where there are as many on both sides.
  package internal(set) var numbers: NumberDifference?

  init(
    _ state: State, _ first: ModelContents.Tensor?, _ second: ModelContents.Tensor?,
    numbers: NumberDifference? = nil
  ) {
    self.state = state
    self.first = first
    self.second = second
    self.numbers = numbers
  }

  /// What a report calls it: the name in the first file, or else in the second.
  package var name: String { first?.name ?? second?.name ?? "" }

  /// The name that it has in the second file, if that is another one.
  package var newName: String? {
    guard let first, let second, !first.name.utf8.elementsEqual(second.name.utf8) else {
      return nil
    }
    return second.name
  }

  /// Whether both sides have the same shape and the same type.
  var hasSameForm: Bool {
    guard let first, let second else { return false }
    return first.shape == second.shape
      && first.numbers?.elementType == second.numbers?.elementType
      && first.typeName == second.typeName
  }
}
