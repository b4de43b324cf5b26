import FileSupport

/// What a parameter is for. Formats may have roles of their own; those that several formats, or the engines, go by
/// stand here, and the names are darknet's, as its files order the arrays by them.
public struct ParameterRole: RawRepresentable, Hashable, Sendable {
  /// The name: `rolling_mean`.
  public let rawValue: String

  /// A role of this name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The kernel of a convolution, the matrix *W* of a fully connected layer.
  public static let weights = ParameterRole(rawValue: "weights")
  /// The offsets *b*; with batch normalization its β.
  public static let biases = ParameterRole(rawValue: "biases")
  /// Batch normalization's γ.
  public static let scales = ParameterRole(rawValue: "scales")
  /// The running mean of batch normalization.
  public static let rollingMean = ParameterRole(rawValue: "rolling_mean")
  /// The running variance of batch normalization.
  public static let rollingVariance = ParameterRole(rawValue: "rolling_variance")
  /// Numbers that a description tells, which no file holds as a tensor.
  public static let constant = ParameterRole(rawValue: "constant")
}

/// One named tensor of a layer.
public struct Parameter: Sendable {
  /// The layer whose it is: `convolutional_12`.
  public let layer: String
  /// The name within the layer: `weights`.
  public let array: String
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

  /// The name, unique in its graph: `convolutional_12.weights`.
  public var name: String { "\(layer).\(array)" }

  /// Makes a parameter; without a `view` it is stored in the C order of its shape.
  public init(
    _ array: String, of layer: String, role: ParameterRole, shape: Shape,
    elementType: ElementType = .float32, view: StridedView? = nil,
    source: (any TensorSource)? = nil
  ) {
    self.array = array
    self.layer = layer
    self.role = role
    self.shape = shape
    self.elementType = elementType
    self.view = view ?? StridedView(contiguous: shape)
    self.source = source
  }
}
