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
    if shape == sample { return Tensor(shape: Shape([1] + sample.extents), values: values) }
    if shape.rank > 0, self.sample == sample { return self }
    if shape.rank > 1, sampleCount == sample.elementCount, batch > 0 {
      return reshaped(to: sample)
    }
    if shape.elementCount == sample.elementCount {
      return Tensor(shape: Shape([1] + sample.extents), values: values)
    }
    throw ModelFileError(
      .damaged, "the input has another shape than the model takes",
      expected: "\(sample), or with a batch axis in front [N\(sample.tail)]", found: "\(shape)",
      remedy: "reshape the array, or check that it belongs to this model")
  }
}

extension Shape {
  /// `, 3, 416, 416`
  fileprivate var tail: String { extents.map { ", \($0)" }.joined() }
}
