import FileSupport

/// A row of a table for each number (`layers/core/embedding.py`).
///
/// Numbers are cut to whole ones toward zero, as Keras casts them. One that names no row is an error when
/// the value is computed.
public struct Embedding: Operation {
  /// The rows, `[rows, width]`.
  public let table: Parameter
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// An embedding.
  public init(table: Parameter) { self.table = table }

  /// `[…, width]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard table.shape.rank == 2 else {
      throw ModelFileError(
        .damaged, "the table is no matrix", expected: "2 axes: rows, width",
        found: "\(table.shape)")
    }
    return Shape(input.extents + [table.shape.extents[1]])
  }

  /// The table.
  public var parameters: [Parameter] { [table] }
}
