import FileSupport

/// A convolution whose kernels are different at every place of the output (darknet's `local_layer.c`).
///
/// `y[o, p] = b[o, p] + Σ x[i, p · stride + k − before] · w[p, o, i, k]`, *p* counting the places row by
/// row. σ is a node of its own.
public struct LocallyConnected: WindowedOperation {
  /// How the kernels move.
  public let window: Window
  /// The kernels, `[places, out, in, height, width]`.
  public let weights: Parameter
  /// The offsets, `[out, height, width]` of the output.
  public let biases: Parameter
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A locally connected layer.
  public init(window: Window, weights: Parameter, biases: Parameter) {
    self.window = window
    self.weights = weights
    self.biases = biases
  }

  /// `[out, (in + padding − size) / stride + 1, …]`
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if there are not as many kernels as places.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    let spatial = try window.outputExtents(of: layout.spatial(of: image))
    guard Shape(spatial).elementCount == weights.shape.extents[0] else {
      throw ModelFileError(
        .damaged, "has kernels for another number of places",
        expected: "\(Shape(spatial).elementCount)", found: "\(weights.shape.extents[0])")
    }
    return layout.shape(channels: weights.shape.extents[1], spatial: spatial)
  }

  /// One product for each weight.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { weights.shape.elementCount }

  /// The kernels, then the offsets.
  public var parameters: [Parameter] { [weights, biases] }
}
