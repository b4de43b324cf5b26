import FileSupport
import ModelGraph

/// Conv2D, or DepthwiseConv2D where every input channel is a group of its own.
extension Convolution: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    // Neither framework takes a stride together with a dilation, nor a depthwise convolution with two
    // different strides. The convolution is then computed at every cell and thinned out.
    let isDepthwise = groups > 1 && groups == image.channels
    let strides = window.strides
    let thins =
      strides.contains { $0 > 1 }
      && (window.dilation.contains { $0 > 1 } || (isDepthwise && strides[0] != strides[1]))
    let ownStrides = thins ? [1, 1] : strides

    let (source, padding) = try padded(context, [image.height, image.width], strides: ownStrides)
    let suffix = thins ? "dense" : nil
    let result =
      isDepthwise
      ? try depthwise(context, source, ownStrides, padding, image.channels, suffix)
      : try grouped(context, source, ownStrides, padding, suffix)
    guard thins else { return result }
    return try context.main(
      KerasLayers.MaxPooling2D(poolSize: [1, 1], strides: strides, padding: .valid), on: result)
  }

  /// The input with the padding that the Keras layer does not do itself, and what it does itself.
  private func padded(
    _ context: RaisingContext, _ extents: [Int], strides: [Int]
  ) throws(ModelFileError) -> (KerasTensor, WindowPadding) {
    let input = try context.input()
    if window.padding.allSatisfy({ $0.total == 0 }) { return (input, .valid) }
    // Only a window that moves by single cells has `same` padding whatever the image's extent: an
    // image whose extent is even would else be padded behind and not in front.
    let isSame = extents.indices.allSatisfy { axis in
      let half = (window.covered[axis] - 1) / 2
      return strides[axis] == 1 && window.covered[axis] % 2 == 1
        && window.padding[axis] == Padding(before: half, after: half)
    }
    if isSame { return (input, .same) }
    return (try context.helper("pad", KerasLayers.ZeroPadding2D(window.padding), on: input), .valid)
  }

  private func grouped(
    _ context: RaisingContext, _ source: KerasTensor, _ strides: [Int], _ padding: WindowPadding,
    _ suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let layer = KerasLayers.Conv2D(
      filters: weights.shape.extents[0], kernelSize: window.size, strides: strides,
      padding: padding, dilationRate: window.dilation, groups: groups, usesBias: biases != nil)
    // [out, in, h, w] → [h, w, in, out]
    let kernel = VariableContent(weights, view: try weights.shapedView().permuted([2, 3, 1, 0]))
    return try context.layer(
      layer, on: source, unlessLast: suffix, variables: content("kernel", kernel))
  }

  private func depthwise(
    _ context: RaisingContext, _ source: KerasTensor, _ strides: [Int], _ padding: WindowPadding,
    _ channels: Int, _ suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let multiplier = weights.shape.extents[0] / channels
    let layer = KerasLayers.DepthwiseConv2D(
      kernelSize: window.size, strides: strides, padding: padding,
      dilationRate: window.dilation, depthMultiplier: multiplier, usesBias: biases != nil)
    guard multiplier * channels == weights.shape.extents[0] else {
      throw context.unsupported("\(weights.shape.extents[0]) filters on \(channels) groups")
    }
    // [in · multiplier, 1, h, w] → [h, w, in, multiplier]; a kernel of Keras's is split already.
    let parts = [channels, multiplier]
    let view = weights.view
    let kernel = VariableContent(
      weights,
      view: view.extents == parts + window.size
        ? view.permuted([2, 3, 0, 1])
        : try weights.shapedView().splitting(axis: 0, into: parts).permuted([3, 4, 0, 1, 2]))
    return try context.layer(
      layer, on: source, unlessLast: suffix, variables: content("depthwise_kernel", kernel))
  }

  private func content(_ name: String, _ kernel: VariableContent) -> [String: VariableContent] {
    var variables = [name: kernel]
    variables["bias"] = biases.map { VariableContent($0) }
    return variables
  }
}

/// Conv2DTranspose without a border, then the border cut off.
extension TransposedConvolution: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    _ = try context.image()
    guard dilation.allSatisfy({ $0 == 1 }) else {
      throw context.unsupported("a dilated transposed convolution")
    }
    let layer = KerasLayers.Conv2DTranspose(
      filters: weights.shape.extents[1], kernelSize: size, strides: strides,
      padding: .valid, usesBias: biases != nil)
    // [in, out, h, w] → [h, w, out, in]
    var variables = [
      "kernel": VariableContent(weights, view: try weights.shapedView().permuted([2, 3, 1, 0]))
    ]
    variables["bias"] = biases.map { VariableContent($0) }
    // Keras's result ends a whole stride behind the last cell, even where the kernel is smaller.
    let margins = crop.indices.map {
      Padding(
        before: crop[$0].before, after: crop[$0].after.clampedSum(max(strides[$0] - size[$0], 0)))
    }
    guard margins.allSatisfy({ $0.after >= 0 }) else {
      throw context.unsupported("a transposed convolution with cells behind the last kernel")
    }
    let cuts = margins.contains { $0.total > 0 }
    let result = try context.layer(
      layer, on: try context.input(), unlessLast: cuts ? "whole" : nil, variables: variables)
    guard cuts else { return result }
    return try context.main(KerasLayers.Cropping2D(margins), on: result)
  }
}
