import FileSupport
import ModelGraph

/// Add, the second image being spread out over the cells of the larger first, with zeros between them.
///
/// Other forms of the operation scale some cells of the first image and not others, or sample both.
extension SampledAddition: KerasRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> KerasTensor {
    let first = try site.image(0)
    let second = try site.image(1)
    guard
      let steps = SampledAddition.steps(
        of: [first.height, first.width], and: [second.height, second.width]),
      alpha == 1, steps.stride == 1, second.height * steps.sample <= first.height,
      second.width * steps.sample <= first.width
    else {
      throw site.unsupported("a shortcut that samples both images, or scales a part of one")
    }
    var term = try site.input(1)
    if beta != 1 {
      term = try site.helper("beta", KerasLayers.Rescaling(scale: beta), on: term)
    }
    if second.channels > first.channels {
      let margins = ChannelMargins(before: 0, after: second.channels - first.channels)
      term = try margins.cut(from: term, at: site, suffix: "cut")
    } else if second.channels < first.channels {
      let margins = ChannelMargins(before: 0, after: first.channels - second.channels)
      term = try margins.pad(term, at: site)
    }
    term = try spread(term, by: steps.sample, at: site)
    let bottom = first.height - second.height * steps.sample
    let right = first.width - second.width * steps.sample
    if bottom > 0 || right > 0 {
      let margins = [Padding(before: 0, after: bottom), Padding(before: 0, after: right)]
      term = try site.helper("rest", KerasLayers.ZeroPadding2D(margins), on: term)
    }
    return try site.main(KerasLayers.Add(), on: [try site.input(0), term])
  }

  /// An image `[H, W, C]` with each cell at the top left of a block of zeros: first every pixel, then
  /// every row is taken for an image of one column, which zeros are put behind.
  private func spread(
    _ image: KerasTensor, by factor: Int, at site: RaisingSite
  ) throws(ModelFileError) -> KerasTensor {
    let (height, width) = (image.shape.extents[0], image.shape.extents[1])
    let channels = image.shape.extents[2]
    let behind = KerasLayers.ZeroPadding2D([
      Padding(before: 0, after: 0), Padding(before: 0, after: factor - 1),
    ])
    let pixels = try site.helper(
      "pixels", KerasLayers.Reshape([height * width, 1, channels]), on: image)
    let wide = try site.helper("wide", behind, on: pixels)
    let rows = try site.helper(
      "rows", KerasLayers.Reshape([height, 1, width * factor * channels]), on: wide)
    let high = try site.helper("high", behind, on: rows)
    return try site.helper(
      "spread", KerasLayers.Reshape([height * factor, width * factor, channels]), on: high)
  }
}
