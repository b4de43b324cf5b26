import FileSupport

/// The same elements with the axes in another order: axis `i` of the result is `order[i]` of the input
/// (Keras's `Permute`, `transpose`).
public struct Transposition: Operation {
  /// An axis of the input for each of the result.
  public let order: [Int]
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A change of order.
  public init(order: [Int]) { self.order = order }

  /// The extents in the new order, which must name each axis once.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard order.sorted() == Array(input.extents.indices) else {
      throw ModelFileError(
        .damaged, "the order does not name each axis once",
        expected: "the axes of \(input) in any order", found: "\(order)")
    }
    return Shape(order.map { input.extents[$0] })
  }
}

extension Transposition {
  /// Nothing if the axes stay; another shape if only axes of one element move.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    guard let input = inputs.first else { return .operation(self) }
    if order == Array(input.extents.indices) { return .identity }
    let longer = order.filter { input.extents[$0] > 1 }
    return longer == longer.sorted() ? .reshaping : .operation(self)
  }
}
