import FileSupport
import ModelGraph

extension TensorFunction {
  /// `matmul(x1, x2)`: of two values of the model, or of one and an array. `dot(x1, x2)` is the same for an array of at most
  /// two axes on the right.
  func matrixProduct(
    _ function: Function, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let pair = [arguments.take(0, "x1", "a"), arguments.take(1, "x2", "b")]
    if function == .dot {
      guard let extents = pair[1]?.constant?.numbers?.extents, extents.count <= 2 else {
        throw LayerCall.unfit("x2", pair[1] ?? .constant(.null), expected: "a matrix of numbers")
      }
    }
    for name in ["adjoint_a", "adjoint_b", "grad_a", "grad_b"] where try arguments.truth(name) {
      throw LayerCall.unfit(name, .constant(true), expected: "false")
    }
    // Hints at how to compute.
    for name in ["a_is_sparse", "b_is_sparse"] { _ = try arguments.truth(name) }
    let turns = try ["transpose_a", "transpose_b"].map { (name) throws(ModelFileError) in
      try arguments.truth(name)
    }
    var factors: [KerasValue] = []
    for (index, argument) in pair.enumerated() {
      let name = "x\(index + 1)"
      factors.append(
        argument?.constant == nil
          ? try operand(argument, name, arguments, &context)
          : try matrix(argument, name, isTurned: turns[index], arguments, &context))
    }
    if let array = pair.firstIndex(where: { $0?.constant != nil }) {
      return try product(factors, array: array, turns, &context)
    }
    let ranks = factors.map { context.shape($0).rank }
    guard ranks[0] == ranks[1], ranks[0] >= 2 else {
      throw ModelFileError(
        .unsupported, "a product of values with these axes can't be computed",
        expected: "two batches of matrices", found: "\(factors.map { context.shape($0) })")
    }
    return try product(factors, turns, &context)
  }

  /// An argument that is an array of numbers, as a factor of matrices.
  private func matrix(
    _ argument: KerasArgument?, _ name: String, isTurned: Bool, _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let unfit = LayerCall.unfit(
      name, argument ?? .constant(.null), expected: "a matrix that is the same for all samples")
    guard let found = argument?.constant?.numbers, let beside = arguments.anyValue else {
      throw unfit
    }
    var extents = found.extents
    let rank = context.shape(beside).rank
    // The batch is counted in where there are more axes than those of a matrix.
    if extents.count > 2, extents.count == rank + 1, extents[0] == 1 { extents.removeFirst() }
    guard !extents.isEmpty, extents.count <= max(rank, 2), !isTurned || extents.count > 1 else {
      throw unfit
    }
    return try context.constant(found.values.map { Float($0) }, shape: Shape(extents), for: beside)
  }

  /// The product of a value and an array, which is the same for all samples. A row on the left and a column on the right
  /// may have one axis, which the result lacks then; a vector on the right is the rows of the whole batch.
  private func product(
    _ factors: [KerasValue], array: Int, _ turns: [Bool], _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    var factors = factors
    var dropped: [Int] = []
    for (index, factor) in factors.enumerated() where context.shape(factor).rank == 1 {
      // Of the model's value the row is one of the matrix whose other axis is the batch.
      guard index == array || index == 0 && !turns[0] else {
        throw ModelFileError(
          .unsupported, at: [.option("x\(index + 1)")],
          "a product along the batch can't be computed", found: "\(context.shape(factor)) each")
      }
      let width = context.shape(factor).extents[0]
      factors[index] = try context.reshaped(factor, to: index == 0 ? [1, width] : [width, 1])
      dropped.append(index)
    }
    guard factors.allSatisfy({ context.shape($0).rank >= 2 }) else {
      throw ModelFileError(
        .unsupported, "a product of values with these axes can't be computed",
        expected: "matrices", found: "\(factors.map { context.shape($0) })")
    }
    let result = try product(factors, turns, &context)
    var extents = context.shape(result).extents
    if dropped.contains(1) { extents.removeLast() }
    if dropped.contains(0) { extents.remove(at: extents.count - (dropped.contains(1) ? 1 : 2)) }
    return try context.reshaped(result, to: Shape(extents))
  }

  private func product(
    _ factors: [KerasValue], _ turns: [Bool], _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    KerasValue(
      try context.add(
        MatrixProduct(transposesFirst: turns[0], transposesSecond: turns[1]),
        on: factors.map(\.node)))
  }
}
