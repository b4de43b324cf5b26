import FileSupport

/// The product of two values that are matrices in their last two axes:
/// `y[…, i, j] = Σ_k a[…, i, k] · b[…, k, j]` (`ops.matmul`, the products inside Keras's attention layers).
///
/// Outer axes are repeated as ``Elementwise`` repeats them.
public struct MatrixProduct: Operation {
  /// Whether *a* is `[…, k, i]`.
  public let transposesFirst: Bool
  /// Whether *b* is `[…, j, k]`.
  public let transposesSecond: Bool
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A product.
  public init(transposesFirst: Bool = false, transposesSecond: Bool = false) {
    self.transposesFirst = transposesFirst
    self.transposesSecond = transposesSecond
  }

  /// `[…, rows of a, columns of b]`; the columns of *a* must be as many as the rows of *b*.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard inputs.count == 2, inputs.allSatisfy({ $0.rank >= 2 }) else {
      throw ModelFileError(
        .damaged, "multiplies two values of matrices", expected: "two of 2 axes or more",
        found: "\(inputs)")
    }
    let (a, b) = (extents(ofFirst: inputs[0]), extents(ofSecond: inputs[1]))
    guard a.columns == b.rows else {
      throw ModelFileError(
        .damaged, "multiplies matrices that don't fit",
        expected: "a second one of \(a.columns) rows", found: "\(inputs)")
    }
    let outer = try inputs.map { Shape($0.extents.dropLast(2)) }.repeatedToEachOther()
    return Shape(outer.extents + [a.rows, b.columns])
  }

  /// The extents of the matrices *a*.
  package func extents(ofFirst shape: Shape) -> (rows: Int, columns: Int) {
    let extents = shape.extents.suffix(2).map(\.self)
    return transposesFirst ? (extents[1], extents[0]) : (extents[0], extents[1])
  }

  /// The extents of the matrices *b*.
  package func extents(ofSecond shape: Shape) -> (rows: Int, columns: Int) {
    let extents = shape.extents.suffix(2).map(\.self)
    return transposesSecond ? (extents[1], extents[0]) : (extents[0], extents[1])
  }

  /// The numbers of the result × the columns of *a*.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    guard let first = inputs.first, first.rank >= 2 else { return 0 }
    return output.elementCount.clampedProduct(extents(ofFirst: first).columns)
  }
}

extension MatrixProduct: OrderFollowing {}
