import FileSupport
import ModelGraph

/// Dense without a bias on the number 1, then Reshape.
extension LearnedConstant: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let order = AxisMove(to: .channelsLast).order(rank: values.shape.rank)
    return try context.constant(
      values, view: try values.shapedView().permuted(order),
      shape: KerasRaising.kerasShape(values.shape), unlessLast: nil)
  }
}

/// Rescaling by 0: what darknet's `[cost]` leaves to a layer behind it.
extension Zeros: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    try context.main(KerasLayers.Rescaling(scale: 0, offset: 0), on: try context.input())
  }
}

extension RaisingContext {
  /// The numbers of a parameter as a value that no input changes.
  ///
  /// - Parameters:
  ///   - parameter: the numbers.
  ///   - view: the order in which they are those of the value.
  ///   - shape: the shape that the value has in Keras.
  ///   - suffix: the name of the layer, `nil` for the node's main one.
  func constant(
    _ parameter: Parameter, view: StridedView, shape: Shape, unlessLast suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let dense = KerasLayers.Dense(units: shape.elementCount, usesBias: false)
    let variables = ["kernel": VariableContent(parameter, view: view)]
    let one = try builder.one()
    guard shape.rank != 1 else {
      return try layer(dense, on: one, unlessLast: suffix, variables: variables)
    }
    let row = try layer(
      dense, on: one, unlessLast: suffix.map { "\($0)_row" } ?? "row", variables: variables)
    return try layer(KerasLayers.Reshape(shape.extents), on: row, unlessLast: suffix)
  }
}
