import FileSupport

/// Cells that are put around an image along one axis.
public struct Padding: Sendable, Equatable {
  /// Cells in front of the first.
  public let before: Int
  /// Cells behind the last.
  public let after: Int

  /// Padding of one axis.
  public init(before: Int, after: Int) {
    self.before = before
    self.after = after
  }

  /// Both together.
  public var total: Int { before.clampedSum(after) }
}

/// How a window moves over the spatial axes of an image; a value for each axis, outermost first.
public struct Window: Sendable, Equatable {
  /// Extents of the window in cells of the image, holes of a dilated one not counted.
  public let size: [Int]
  /// Steps between neighbouring windows.
  public let strides: [Int]
  /// Distances between neighbouring cells of the window: 1 is dense.
  public let dilation: [Int]
  /// Cells put around the image.
  public let padding: [Padding]

  /// A window.
  public init(size: [Int], strides: [Int], dilation: [Int]? = nil, padding: [Padding]) {
    self.size = size
    self.strides = strides
    self.dilation = dilation ?? size.map { _ in 1 }
    self.padding = padding
  }

  /// The extents that the window covers, holes included: `(size − 1) · dilation + 1`.
  public var covered: [Int] {
    zip(size, dilation).map { ($0 - 1).clampedProduct($1).clampedSum(1) }
  }

  /// How many windows fit: `(in + padding − covered) / stride + 1` on each axis.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if not even one fits, or if the window is none
  ///   for these axes.
  public func outputExtents(of spatial: [Int]) throws(ModelFileError) -> [Int] {
    let lists = [size, strides, dilation]
    guard (lists.map(\.count) + [padding.count]).allSatisfy({ $0 == spatial.count }) else {
      throw ModelFileError(
        .damaged, "the window has another number of axes", expected: "\(spatial.count)",
        found: "\(size.count)")
    }
    guard lists.joined().allSatisfy({ $0 > 0 }) else {
      throw ModelFileError(
        .damaged, "the window has an extent, a stride or a dilation below 1",
        expected: "1 or more",
        found: "size \(size), strides \(strides), dilation \(dilation)")
    }
    var result: [Int] = []
    for axis in spatial.indices {
      let room = spatial[axis].clampedSum(padding[axis].total).clampedSum(-covered[axis])
      guard room >= 0 else {
        throw ModelFileError(
          .damaged, "the window is larger than the image",
          expected: "at least \(covered[axis]) cells along each axis",
          found: "\(spatial[axis]) and a padding of \(padding[axis].total)")
      }
      result.append(room / strides[axis] + 1)
    }
    return result
  }
}

/// Cross-correlation of an image with learned kernels, in groups of channels.
///
/// `y[o, p] = Σ x[i, p · stride + k · dilation − before] · w[o, i, k] (+ b[o])`, *i* running over the
/// channels of *o*'s group. The kernel is not flipped.
public struct Convolution: Operation {
  /// How the kernel moves.
  public let window: Window
  /// Groups of channels that don't see each other: input channels for a depthwise convolution.
  public let groups: Int
  /// The kernels, `[out, in / groups, height, width]`.
  public let weights: Parameter
  /// The offsets, `[out]`; none where a batch normalization follows.
  public let biases: Parameter?

  /// A convolution.
  public init(window: Window, groups: Int, weights: Parameter, biases: Parameter?) {
    self.window = window
    self.groups = groups
    self.weights = weights
    self.biases = biases
  }

  /// `[out, (in + padding − covered) / stride + 1, …]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    let kernel = weights.shape.extents
    guard kernel.count == 4, groups > 0, kernel[0] % groups == 0,
      kernel[1].clampedProduct(groups) == layout.channels(of: image)
    else {
      throw ModelFileError(
        .damaged, "the kernels don't fit the channels",
        expected: "kernels [out, in / \(groups), height, width] for "
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

/// The transpose of a convolution: each input cell adds its kernel, scaled, to the output.
///
/// `y[o, p · stride + k − crop] += x[i, p] · w[i, o, k]`, with `crop` cells cut off on every side.
public struct TransposedConvolution: Operation {
  /// The extent of the kernel, the same along both axes.
  public let size: Int
  /// The step between neighbouring input cells in the output.
  public let stride: Int
  /// Cells cut off the result on every side.
  public let crop: Int
  /// The kernels, `[in, out, height, width]`.
  public let weights: Parameter
  /// The offsets, `[out]`.
  public let biases: Parameter?

  /// A transposed convolution.
  public init(size: Int, stride: Int, crop: Int, weights: Parameter, biases: Parameter?) {
    self.size = size
    self.stride = stride
    self.crop = crop
    self.weights = weights
    self.biases = biases
  }

  /// `[out, (in − 1) · stride + size − 2 · crop, …]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    let kernel = weights.shape.extents
    guard kernel.count == 4, kernel[0] == layout.channels(of: image) else {
      throw ModelFileError(
        .damaged, "the kernels don't fit the channels",
        expected: "kernels [\(layout.channels(of: image)), out, height, width]",
        found: "\(weights.shape)")
    }
    let spatial = layout.spatial(of: image).map {
      ($0 - 1).clampedProduct(stride).clampedSum(size).clampedSum(crop.clampedProduct(-2))
    }
    guard spatial.allSatisfy({ $0 > 0 }) else {
      throw ModelFileError(
        .damaged, "nothing is left of the image", expected: "1 or more cells along each axis",
        found: "\(spatial)")
    }
    return layout.shape(channels: kernel[1], spatial: spatial)
  }

  /// One product for each input cell and each weight of its channel.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    Convolution.multiplyAdds(
      perKernel: weights.shape, values: inputs.first?.elementCount ?? 0)
  }

  /// The kernels, then the offsets.
  public var parameters: [Parameter] { [weights] + [biases].compactMap(\.self) }
}
