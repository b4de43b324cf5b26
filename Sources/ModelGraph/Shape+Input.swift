import FileSupport

extension Shape {
  /// The shape that an input of this one is taken in, whose samples have the shape `sample`: a batch
  /// axis of 1 is put in front if it is missing, and samples of as many numbers in another shape (a flat
  /// vector for an image, an image for a flat vector) are taken as they lie.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the shapes don't fit.
  public func input(for sample: Shape) throws(ModelFileError) -> Shape {
    let single = Shape([1] + sample.extents)
    if self == sample { return single }
    if let batch = extents.first {
      let own = Shape(Array(extents.dropFirst()))
      if own == sample { return self }
      if rank > 1, own.elementCount == sample.elementCount, batch > 0 {
        return Shape([batch] + sample.extents)
      }
    }
    if elementCount == sample.elementCount { return single }
    throw ModelFileError(
      .damaged, "the input has another shape than the model takes",
      expected: "\(sample), or with a batch axis in front [N\(sample.tail)]", found: "\(self)",
      remedy: "reshape the array, or check that it belongs to this model")
  }

  /// `, 3, 416, 416`
  fileprivate var tail: String { extents.map { ", \($0)" }.joined() }
}
