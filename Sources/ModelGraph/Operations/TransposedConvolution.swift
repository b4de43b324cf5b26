import FileSupport

/// The transpose of a convolution: each input cell adds its kernel, scaled, to the output.
///
/// `y[o, p · stride + k · dilation − before] += x[i, p] · w[i, o, k] (+ b[o])`, *p* and *k* running over
/// the places of 0 to 3 axes. Cells that no kernel reaches hold the offset alone.
public struct TransposedConvolution: WindowedOperation {
  /// The steps between neighbouring input cells in the output, one for each axis.
  public let strides: [Int]
  /// The distances between neighbouring cells of the kernel: 1 is dense.
  public let dilation: [Int]
  /// The cells cut off the result along each axis. Fewer than 0 behind it are cells that are added.
  public let crop: [Padding]
  /// The kernels, `[in, out, k…]`.
  public let weights: Parameter
  /// The offsets, `[out]`.
  public let biases: Parameter?
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A transposed convolution.
  public init(
    strides: [Int], dilation: [Int]? = nil, crop: [Padding], weights: Parameter,
    biases: Parameter?
  ) {
    self.strides = strides
    self.dilation = dilation ?? strides.map { _ in 1 }
    self.crop = crop
    self.weights = weights
    self.biases = biases
  }

  /// The extents of the kernel.
  public var size: [Int] { Array(weights.shape.extents.dropFirst(2)) }

  /// The window of the convolution that this is the transpose of: it moves over the output, and has a
  /// place for each input cell.
  public var window: Window {
    Window(size: size, strides: strides, dilation: dilation, padding: crop)
  }

  /// `[out, (in − 1) · stride + (size − 1) · dilation + 1 − before − after, …]`
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if kernels, strides or crop don't fit the image, or
  ///   nothing is left of it.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage(axes: 0...3)
    let spatial = layout.spatial(of: image)
    let kernel = weights.shape.extents
    guard kernel.count == image.rank + 1, kernel[0] == layout.channels(of: image) else {
      throw ModelFileError(
        .damaged, "the kernels don't fit the channels or the axes",
        expected: "kernels [\(layout.channels(of: image)), out] and \(spatial.count) extents",
        found: "\(weights.shape)")
    }
    guard [strides.count, dilation.count, crop.count].allSatisfy({ $0 == spatial.count }),
      (size + strides + dilation).allSatisfy({ $0 > 0 }), crop.allSatisfy({ $0.before >= 0 })
    else {
      throw ModelFileError(
        .damaged, "the kernel moves in no way along these axes",
        expected: "size, stride and dilation of 1 or more for each of \(spatial.count) axes, "
          + "and no cells added in front",
        found: "size \(size), strides \(strides), dilation \(dilation)")
    }
    let covered = window.covered
    let extents = spatial.indices.map { axis -> Int in
      let whole = (spatial[axis] - 1).clampedProduct(strides[axis]).clampedSum(covered[axis])
      // Kernels count up to the whole, so it must be a number itself.
      guard max(whole, covered[axis]) < .max else { return 0 }
      return whole.clampedSum(crop[axis].total.clampedProduct(-1))
    }
    guard extents.allSatisfy({ $0 > 0 }) else {
      throw ModelFileError(
        .damaged, "nothing is left of the image", expected: "1 or more cells along each axis",
        found: "\(extents)")
    }
    return layout.shape(channels: kernel[1], spatial: extents)
  }

  /// One product for each input cell and each weight of its channel.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    Convolution.multiplyAdds(
      perKernel: weights.shape, values: inputs.first?.elementCount ?? 0)
  }

  /// The kernels, then the offsets.
  public var parameters: [Parameter] { [weights] + [biases].compactMap(\.self) }
}

extension TransposedConvolution: LayoutFollowing {}
