import FileSupport
import ModelGraph

/// The numbers of a value for every sample of a batch: float32 in C order, the batch outermost.
///
/// A copy shares its memory until one of the two is changed.
public struct Tensor: Sendable, Equatable {
  /// The extents with the batch in front: `[N, C, H, W]`, `[N, K]`.
  public let shape: Shape
  /// The numbers, `shape.elementCount` of them.
  public let values: [Float]

  /// A tensor of these numbers.
  ///
  /// - Precondition: there are as many as the shape has elements.
  public init(shape: Shape, values: [Float]) {
    precondition(shape.elementCount == values.count, "\(values.count) numbers in \(shape)")
    self.shape = shape
    self.values = values
  }

  /// The number of samples.
  public var batch: Int { shape.extents.first ?? 1 }

  /// The shape of one sample.
  public var sample: Shape { Shape(Array(shape.extents.dropFirst())) }

  /// The numbers that one sample has.
  public var sampleCount: Int { sample.elementCount }

  /// The same numbers as samples of another shape.
  ///
  /// - Precondition: a sample of that shape has as many numbers.
  public func reshaped(to sample: Shape) -> Tensor {
    Tensor(shape: Shape([batch] + sample.extents), values: values)
  }

  /// The tensor as input of a node whose samples have the shape `sample`: a batch axis of 1 is put in
  /// front if it is missing, and samples of as many numbers in another shape (a flat vector for an
  /// image, an image for a flat vector) are taken as they lie.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the shapes don't fit.
  public func input(for sample: Shape) throws(ModelFileError) -> Tensor {
    let fitted = try shape.input(for: sample)
    return fitted == shape ? self : Tensor(shape: fitted, values: values)
  }
}

extension Shape {
  /// The shape that an input of this one is taken in, by the rule of ``Tensor/input(for:)``; it can be
  /// asked for before the numbers are read.
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
