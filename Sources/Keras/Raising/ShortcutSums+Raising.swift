import FileSupport
import ModelGraph

/// Multiply of each value with its factor, then Add. The factors are worked out of the weights by layers too, so
/// that the weights themselves are what the model holds.
extension WeightedAddition: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let count = weights.shape.extents[0]
    let channels = weights.shape.rank == 2 ? weights.shape.extents[1] : 1
    // [inputs, channels] → a pixel for each channel, whose channels are the inputs.
    let view = try weights.shapedView()
    let image = try context.constant(
      weights, view: weights.shape.rank == 2 ? view.permuted([1, 0]) : view,
      shape: [1, channels, count], unlessLast: "weights")
    let factors =
      switch normalization {
      case .rectified: try context.rectifiedShares(of: image, unlessLast: "factors")
      case .softmax:
        try context.exponentialShares(of: image, subtractsMaximum: true, unlessLast: "factors")
      }
    var terms: [KerasTensor] = []
    for (index, value) in context.inputs.enumerated() {
      let own = try Margins(channels: index..<index + 1, of: count).cut(
        from: factors, at: context, suffix: "factor")
      let extents = [Int](repeating: 1, count: value.shape.rank - 1) + [channels]
      let factor = try context.helper("aligned", KerasLayers.Reshape(extents), on: own)
      let suffix = context.inputs.count > 1 ? "term" : nil
      terms.append(
        try context.layer(KerasLayers.Multiply(), on: [value, factor], unlessLast: suffix))
    }
    return terms.count > 1 ? try context.main(KerasLayers.Add(), on: terms) : terms[0]
  }
}

/// Add, the second image being thinned out, or spread out over the cells of the first, with zeros between them.
extension SampledAddition: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let first = try context.image(0)
    let second = try context.image(1)
    let steps = SampledAddition.steps(
      of: [first.height, first.width], and: [second.height, second.width])
    guard let steps else {
      throw context.unsupported("a sum of images whose extents are no multiples of each other")
    }
    var term = try context.input(1)
    if steps.stride > 1 {
      let strides = [steps.stride, steps.stride]
      term = try context.helper(
        "thinned",
        KerasLayers.MaxPooling2D(poolSize: [1, 1], strides: strides, padding: .valid), on: term)
    }
    let margins = Margins([
      Padding(before: 0, after: max(second.channels - first.channels, 0)),
      Padding(before: 0, after: max(term.shape.extents[0] - first.height, 0)),
      Padding(before: 0, after: max(term.shape.extents[1] - first.width, 0)),
    ])
    term = try margins.cut(from: term, at: context, suffix: "cut")
    var target = try context.input(0)
    if alpha != 1 {
      // The factor of the cells that both images have; of all others it is 1.
      let ones = try context.helper("ones", KerasLayers.Rescaling(scale: 0, offset: 1), on: term)
      let inside = try spread(ones, over: first, by: steps.sample, at: context)
      let shared = try context.helper("shared", KerasLayers.Rescaling(scale: alpha), on: inside)
      let rest = try context.helper(
        "own", KerasLayers.Rescaling(scale: -1, offset: 1), on: inside)
      let factors = try context.helper("factors", KerasLayers.Add(), on: shared, rest)
      target = try context.helper("scaled", KerasLayers.Multiply(), on: target, factors)
    }
    if beta != 1 {
      term = try context.helper("beta", KerasLayers.Rescaling(scale: beta), on: term)
    }
    let wide = try spread(term, over: first, by: steps.sample, at: context)
    return try context.main(KerasLayers.Add(), on: [target, wide])
  }

  /// An image with its cells at every *factor*-th place of one of the first image's shape, and zeros elsewhere.
  private func spread(
    _ image: KerasTensor, over first: (channels: Int, height: Int, width: Int), by factor: Int,
    at context: RaisingContext
  ) throws(ModelFileError) -> KerasTensor {
    let missing = first.channels - image.shape.extents[2]
    var term = try Margins([Padding(before: 0, after: missing)]).pad(
      image, at: context, suffix: "pad")
    if factor > 1 { term = try spread(term, by: factor, at: context) }
    let bottom = first.height - term.shape.extents[0]
    let right = first.width - term.shape.extents[1]
    guard bottom > 0 || right > 0 else { return term }
    let margins = [Padding(before: 0, after: bottom), Padding(before: 0, after: right)]
    return try context.helper("rest", KerasLayers.ZeroPadding2D(margins), on: term)
  }

  /// An image `[H, W, C]` with each cell at the top left of a block of zeros: first every pixel, then
  /// every row is taken for an image of one column, which zeros are put behind.
  private func spread(
    _ image: KerasTensor, by factor: Int, at context: RaisingContext
  ) throws(ModelFileError) -> KerasTensor {
    let (height, width) = (image.shape.extents[0], image.shape.extents[1])
    let channels = image.shape.extents[2]
    let behind = KerasLayers.ZeroPadding2D([.none, Padding(before: 0, after: factor - 1)])
    let pixels = try context.helper(
      "pixels", KerasLayers.Reshape([height * width, 1, channels]), on: image)
    let wide = try context.helper("wide", behind, on: pixels)
    let rows = try context.helper(
      "rows", KerasLayers.Reshape([height, 1, width * factor * channels]), on: wide)
    let high = try context.helper("high", behind, on: rows)
    return try context.helper(
      "spread", KerasLayers.Reshape([height * factor, width * factor, channels]), on: high)
  }
}
