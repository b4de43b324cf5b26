import FileSupport

/// The weighted input of a fully connected layer: `z = W a + b` (component form
/// `z_j = Σ_k w_jk a_k + b_j`); the activation `a = σ(z)` is a node of its own.
public struct FullyConnected: Operation {
  /// *W*, `[out, in]`.
  public let weights: Parameter
  /// *b*, `[out]`; none where a batch normalization follows.
  public let biases: Parameter?
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A fully connected layer.
  public init(weights: Parameter, biases: Parameter?) {
    self.weights = weights
    self.biases = biases
  }

  /// `[out]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard weights.shape.rank == 2, input.elementCount == weights.shape.extents[1] else {
      throw ModelFileError(
        .damaged, "takes another number of values",
        expected: "\(weights.shape.extents.last ?? 0)", found: "\(input)")
    }
    return [weights.shape.extents[0]]
  }

  /// One product for each weight.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { weights.shape.elementCount }

  /// *W*, then *b*.
  public var parameters: [Parameter] { [weights] + [biases].compactMap(\.self) }
}

extension FullyConnected: OrderFollowing {}
