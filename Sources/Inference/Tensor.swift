import FileSupport
import ModelGraph

/// The numbers of a value for every sample of a batch in float32, in which models are run.
public typealias Tensor = TensorOf<Float>

/// The numbers of a value for every sample of a batch: in C order, the batch outermost.
///
/// A copy shares its memory until one of the two is changed.
public struct TensorOf<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// The extents with the batch in front: `[N, C, H, W]`, `[N, K]`.
  public let shape: Shape
  /// The numbers: always `shape.elementCount` of them.
  public package(set) var values: [Scalar]

  /// A tensor of these numbers.
  ///
  /// - Precondition: there are as many as the shape has elements.
  public init(shape: Shape, values: [Scalar]) {
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
  public func reshaped(to sample: Shape) -> TensorOf {
    TensorOf(shape: Shape([batch] + sample.extents), values: values)
  }

  /// The tensor as input of a node whose samples have the shape `sample`, by the rule of
  /// `Shape.input(for:)`.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the shapes don't fit.
  public func input(for sample: Shape) throws(ModelFileError) -> TensorOf {
    let fitted = try shape.input(for: sample)
    return fitted == shape ? self : TensorOf(shape: fitted, values: values)
  }
}
