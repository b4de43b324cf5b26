import FileSupport

/// Cross-correlation of an image with learned kernels, in groups of channels.
///
/// `y[o, p] = Σ x[i, p · stride + k · dilation − before] · w[o, i, k] (+ b[o])`, *i* running over the
/// channels of *o*'s group, *p* and *k* over the places of 0 to 3 axes. The kernel is not flipped. An
/// image without axes is its channels, and the convolution the product of a matrix with them.
public struct Convolution: WindowedOperation {
  /// How the kernel moves.
  public let window: Window
  /// Groups of channels that don't see each other: input channels for a depthwise convolution.
  public let groups: Int
  /// The kernels, `[out, in / groups, k…]` with an extent for each axis of the window.
  public let weights: Parameter
  /// The offsets, `[out]`; none where a batch normalization follows.
  public let biases: Parameter?
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A convolution.
  public init(window: Window, groups: Int, weights: Parameter, biases: Parameter?) {
    self.window = window
    self.groups = groups
    self.weights = weights
    self.biases = biases
  }

  /// `[out, (in + padding − covered) / stride + 1, …]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage(axes: 0...3)
    let kernel = weights.shape.extents
    guard kernel.count == image.rank + 1, groups > 0, kernel[0] % groups == 0,
      kernel[1].clampedProduct(groups) == layout.channels(of: image),
      Array(kernel[2...]) == window.size
    else {
      let extents = window.size.map { ", \($0)" }.joined()
      throw ModelFileError(
        .damaged, "the kernels don't fit the channels or the window",
        expected: "kernels [out, in / \(groups)\(extents)] for "
          + "\(layout.channels(of: image)) channels",
        found: "\(weights.shape)")
    }
    return layout.shape(
      channels: kernel[0], spatial: try window.outputExtents(of: layout.spatial(of: image)))
  }

  /// One product for each output and each weight of its filter.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    Self.multiplyAdds(perKernel: weights.shape, values: output.elementCount)
  }

  /// One product for each of `values` and each weight of one kernel, `weights` being all kernels with
  /// the kernel's number outermost. Clamped to `Int.max`.
  public static func multiplyAdds(perKernel weights: Shape, values: Int) -> Int {
    Shape([values] + weights.extents.dropFirst()).elementCount
  }

  /// The kernels, then the offsets.
  public var parameters: [Parameter] { [weights] + [biases].compactMap(\.self) }
}

extension Convolution {
  /// With the simplest window.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    guard let input = inputs.first else { return .operation(self) }
    return .operation(
      Convolution(
        window: window.simplified(input: input, output: output, layout), groups: groups,
        weights: weights, biases: biases))
  }
}

extension Graph {
  /// A convolution with the zeros that an operation in front of it puts around the image.
  ///
  /// - Returns: `nil` for what is none; else its form, and the node that it then takes.
  public func convolutionWithBorder(_ node: Node) -> (form: SimplestForm, input: Int)? {
    guard let convolution = node.operation as? Convolution, let border = node.inputs.first,
      let zeros = nodes[border].operation as? Pad, zeros.value == 0,
      let input = nodes[border].inputs.first
    else { return nil }
    let shape = nodes[input].shape
    var margins = zeros.margins
    guard margins.count == shape.rank,
      margins.remove(at: layout.channelAxis(rank: shape.rank)).total == 0,
      margins.count == convolution.window.padding.count
    else { return nil }
    let window = convolution.window
    let wider = Window(
      size: window.size, strides: window.strides, dilation: window.dilation,
      padding: zip(window.padding, margins).map {
        Padding(
          before: $0.before.clampedSum($1.before), after: $0.after.clampedSum($1.after))
      })
    let joint = Convolution(
      window: wider, groups: convolution.groups, weights: convolution.weights,
      biases: convolution.biases)
    return (joint.simplestForm(inputs: [shape], output: node.shape, layout: layout), input)
  }
}

extension Convolution: LayoutFollowing {}
