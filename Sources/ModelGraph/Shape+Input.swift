import FileSupport

extension Shape {
  /// The shape that an array of this one is taken in as an input whose samples have the shape `sample`:
  /// a batch axis of 1 is put in front if it is missing.
  ///
  /// Nothing else is taken, since numbers that lie in another order than the model's make wrong results
  /// that look right. Only a sample with a single axis longer than 1 may also lie flat.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the shapes don't fit.
  public func input(for sample: Shape) throws(ModelFileError) -> Shape {
    try input(forExtents: sample.extents)
  }

  /// The same where the model leaves extents open, which are `nil`.
  public func input(forExtents sample: [Int?]) throws(ModelFileError) -> Shape {
    if fits(sample) { return Shape([1] + extents) }
    let rest = Shape(Array(extents.dropFirst()))
    if rank > 0, rest.fits(sample) { return self }
    if let vector = Self.vector(sample) {
      if self == vector { return Shape([1] + sample.compactMap(\.self)) }
      if rank > 0, rest == vector { return Shape(extents.prefix(1) + sample.compactMap(\.self)) }
    }
    throw InputShapeMismatch(array: self, sample: sample).error
  }

  /// The numbers of a sample in a row, if their order is the same whatever the order of its axes.
  private static func vector(_ sample: [Int?]) -> Shape? {
    let known = sample.compactMap(\.self)
    guard known.count == sample.count else { return nil }
    let long = known.filter { $0 != 1 }
    return long.count == 1 ? Shape(long) : nil
  }

  /// Whether the extents are these, as far as they are known.
  func fits(_ sample: [Int?]) -> Bool {
    rank == sample.count && zip(extents, sample).allSatisfy { $1 == nil || $0 == $1 }
  }
}
