import FileSupport
import ModelGraph

/// What a kernel is told.
package struct KernelContext<Scalar: ReferenceScalar> {
  /// The values of the node's inputs, in order, all of the same batch.
  private(set) var inputs: [TensorOf<Scalar>]
  /// How images lie.
  let layout: ImageLayout
  /// The shape of a sample of the result.
  private(set) var shape: Shape
  /// Who does the work.
  let workers: Workers
  /// The numbers of a parameter in the C order of its shape.
  private(set) var numbers: (Parameter) throws(ModelFileError) -> [Scalar]
  /// Training's statistics of a value that is to be normalized, in place of those that the operation has.
  let statistics: BatchStatistics?

  /// Mean and variance of each channel of a value.
  package typealias BatchStatistics = (BatchNormalization, TensorOf<Scalar>) throws(ModelFileError)
    -> (mean: [Double], variance: [Double])

  /// A context; `threads` share the work.
  package init(
    inputs: [TensorOf<Scalar>], layout: ImageLayout, shape: Shape, threads: Int,
    statistics: BatchStatistics? = nil,
    numbers: @escaping (Parameter) throws(ModelFileError) -> [Scalar]
  ) {
    self.inputs = inputs
    self.layout = layout
    self.shape = shape
    workers = Workers(threads: threads)
    self.numbers = numbers
    self.statistics = statistics
  }

  /// What an operation inside the node is told.
  func at(_ inputs: [TensorOf<Scalar>], shape: Shape) -> KernelContext {
    var inner = self
    inner.inputs = inputs
    inner.shape = shape
    return inner
  }

  /// The same for a node that uses its parameters step after step: each is loaded once.
  var loadingOnce: KernelContext {
    var loaded: [String: [Scalar]] = [:]
    var result = self
    result.numbers = { (parameter) throws(ModelFileError) in
      if let values = loaded[parameter.name] { return values }
      let values = try numbers(parameter)
      loaded[parameter.name] = values
      return values
    }
    return result
  }

  /// The number of samples; with time steps, time × batch.
  var batch: Int { inputs.first?.batch ?? 1 }

  /// The numbers of a parameter in the C order of its shape.
  ///
  /// - Parameter shape: the shape that the kernel relies on.
  /// - Throws: ``ModelFileError`` of kind `damaged` if the parameter has another one, or no numbers.
  func values(of parameter: Parameter, shape: Shape) throws(ModelFileError) -> [Scalar] {
    guard parameter.shape == shape else {
      throw ModelFileError(
        .damaged, at: [.array(parameter.array)], "does not fit the value that it is used on",
        expected: "\(shape)", found: "\(parameter.shape)")
    }
    return try numbers(parameter)
  }

  /// The numbers of a parameter that may be missing.
  func optionalValues(
    of parameter: Parameter?, shape: Shape
  ) throws(ModelFileError) -> [Scalar]? {
    guard let parameter else { return nil }
    return try values(of: parameter, shape: shape)
  }

  /// The result, its numbers being in the C order of batch and shape.
  func result(_ values: [Scalar]) -> TensorOf<Scalar> {
    TensorOf(shape: Shape([batch] + shape.extents), values: values)
  }

  /// An image as `[N, C, …]`.
  func image(_ tensor: TensorOf<Scalar>) -> TensorOf<Scalar> { tensor.channelsFirst(from: layout) }

  /// `[C, …]` of the result, wherever its channels stand.
  var channelsFirstShape: Shape {
    Shape([layout.channels(of: shape)] + layout.spatial(of: shape))
  }

  /// `[C, H, W]` of a result of two axes, as the shape rule gives it.
  var imageShape: (channels: Int, height: Int, width: Int) {
    let extents = channelsFirstShape.extents
    return (extents[0], extents[1], extents[2])
  }

  /// The result, its numbers being those of `[N, C, …]`.
  func imageResult(_ values: [Scalar]) -> TensorOf<Scalar> {
    TensorOf(shape: Shape([batch] + channelsFirstShape.extents), values: values)
      .fromChannelsFirst(to: layout)
  }
}
