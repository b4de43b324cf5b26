import FileSupport

/// What a parameter is for, by darknet's names of the arrays.
public enum ParameterRole: String, Sendable, CaseIterable {
  /// The kernel of a convolution, the matrix *W* of a fully connected layer.
  case weights
  /// The offsets *b*; with batch normalization its β.
  case biases
  /// Batch normalization's γ.
  case scales
  /// The running mean of batch normalization.
  case rollingMean = "rolling_mean"
  /// The running variance of batch normalization.
  case rollingVariance = "rolling_variance"
}

/// One named tensor of a layer.
public struct Parameter: Sendable {
  /// The name, unique in its graph: `convolutional_12.weights`.
  public let name: String
  /// What it is for.
  public let role: ParameterRole
  /// Its shape as the operation sees it: `[out, in / groups, height, width]` of a convolution,
  /// `[out, in]` of a fully connected layer, `[channels]` else.
  public let shape: Shape
  /// How a number is stored.
  public let elementType: ElementType
  /// How the elements of `shape` lie in what `source` delivers.
  public let view: StridedView
  /// The bytes; `nil` in a graph that was made from a description alone.
  public let source: (any TensorSource)?

  /// Makes a parameter; without a `view` it is stored in the C order of its shape.
  public init(
    name: String, role: ParameterRole, shape: Shape, elementType: ElementType = .float32,
    view: StridedView? = nil, source: (any TensorSource)? = nil
  ) {
    self.name = name
    self.role = role
    self.shape = shape
    self.elementType = elementType
    self.view = view ?? StridedView(contiguous: shape)
    self.source = source
  }
}
