import FileSupport
import ModelGraph

/// Add, the second image being spread out over the cells of the larger first, with zeros between them.
///
/// Other forms of the operation scale some cells of the first image and not others, or sample both.
extension SampledAddition: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let first = try context.image(0)
    let second = try context.image(1)
    guard
      let steps = SampledAddition.steps(
        of: [first.height, first.width], and: [second.height, second.width]),
      alpha == 1, steps.stride == 1, second.height * steps.sample <= first.height,
      second.width * steps.sample <= first.width
    else {
      throw context.unsupported("a shortcut that samples both images, or scales a part of one")
    }
    var term = try context.input(1)
    if beta != 1 {
      term = try context.helper("beta", KerasLayers.Rescaling(scale: beta), on: term)
    }
    let missing = first.channels - second.channels
    let margins = Margins([Padding(before: 0, after: abs(missing))])
    term =
      missing < 0
      ? try margins.cut(from: term, at: context, suffix: "cut")
      : try margins.pad(term, at: context, suffix: "pad")
    term = try spread(term, by: steps.sample, at: context)
    let bottom = first.height - second.height * steps.sample
    let right = first.width - second.width * steps.sample
    if bottom > 0 || right > 0 {
      let margins = [Padding(before: 0, after: bottom), Padding(before: 0, after: right)]
      term = try context.helper("rest", KerasLayers.ZeroPadding2D(margins), on: term)
    }
    return try context.main(KerasLayers.Add(), on: [try context.input(0), term])
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
