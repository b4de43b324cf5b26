import FileSupport
import ModelGraph

/// An operation that the reference engine can compute.
protocol ReferenceKernel: Operation {
  /// Computes the value for a whole batch.
  ///
  /// - Parameters:
  ///   - inputs: the values of the node's inputs, in order, all of the same batch.
  ///   - context: what else there is to know.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor
}

/// What a kernel is told beside its inputs.
struct KernelContext {
  /// How images lie.
  let layout: ImageLayout
  /// The shape of a sample of the result.
  let shape: Shape
  /// The number of samples; with time steps, time × batch.
  let batch: Int
  /// Where the numbers of parameters come from.
  let loader: ParameterLoader
  /// Who does the work.
  let workers: Workers

  /// The numbers of a parameter in the C order of its shape.
  ///
  /// - Parameter shape: the shape that the kernel relies on.
  /// - Throws: ``ModelFileError`` of kind `damaged` if the parameter has another one, or no numbers.
  func values(of parameter: Parameter, shape: Shape) throws(ModelFileError) -> [Float] {
    guard parameter.shape == shape else {
      throw ModelFileError(
        .damaged, at: [.array(parameter.array)], "does not fit the value that it is used on",
        expected: "\(shape)", found: "\(parameter.shape)")
    }
    return try loader.values(of: parameter)
  }

  /// The numbers of a parameter that may be missing.
  func optionalValues(of parameter: Parameter?, shape: Shape) throws(ModelFileError) -> [Float]? {
    guard let parameter else { return nil }
    return try values(of: parameter, shape: shape)
  }

  /// The result, its numbers being in the C order of batch and shape.
  func result(_ values: [Float]) -> Tensor {
    Tensor(shape: Shape([batch] + shape.extents), values: values)
  }

  /// An image as `[N, C, …]`.
  func image(_ tensor: Tensor) -> Tensor { tensor.channelsFirst(from: layout) }

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
  func imageResult(_ values: [Float]) -> Tensor {
    Tensor(shape: Shape([batch] + channelsFirstShape.extents), values: values)
      .fromChannelsFirst(to: layout)
  }
}
