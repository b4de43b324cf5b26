import FileSupport

/// A convolution with two-valued weights (`convolutional_layer.c` with `binary` and `xnor`).
///
/// The weights of filter *o* are `±m[o]`, with *m* the mean of `|w|` over that filter: plus where
/// `w > 0`, minus elsewhere. With `binarizesInput` (`xnor`) an input is 1 where `x > 0` and −1 elsewhere;
/// padding stays 0. The offsets are those of the convolution.
public struct BinaryConvolution: WindowedOperation {
  /// The convolution that these weights and inputs go into.
  public let convolution: Convolution
  /// Whether the inputs are two-valued too.
  public let binarizesInput: Bool
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A convolution with two-valued weights.
  public init(_ convolution: Convolution, binarizesInput: Bool) {
    self.convolution = convolution
    self.binarizesInput = binarizesInput
  }

  /// That of the convolution.
  public var window: Window { convolution.window }

  /// The shape of the convolution.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    try convolution.outputShape(of: inputs, layout: layout)
  }

  /// Those of the convolution.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    convolution.multiplyAdds(inputs: inputs, output: output)
  }

  /// Those of the convolution.
  public var parameters: [Parameter] { convolution.parameters }
}
