import FileSupport
import ModelGraph

extension KerasLayers {
  /// An image enlarged by whole factors.
  typealias UpSampling2D = UpSampling

  /// A sequence, image or volume enlarged by whole factors.
  struct UpSampling: KeyedLayerClass {
    static let className = "UpSampling2D"
    /// Keras's names for other numbers of axes.
    static let aliases = ["UpSampling1D", "UpSampling3D"]
    var className: String = Self.className
    /// The factor of each axis.
    var size = [2, 2]
    /// How cells between others are found: `nearest`, `bilinear`, …
    var interpolation = "nearest"
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .perAxis("size", \.size, 2, .written),
      .text("interpolation", \.interpolation), .layout(\.layout),
    ]

    /// The extents times the factors.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: size.count + 1)
      let spatial = zip(layout.spatial(of: image), size).map { extent, factor in
        extent.map { $0 * factor }
      }
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }
}

extension KerasLayers.UpSampling {
  /// Repeated cells, or cells in between found by interpolation.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    guard interpolation != "nearest" else {
      let counts = layout == .channelsFirst ? [1] + size : size + [1]
      return [try context.applyWithoutMask(Repeat(counts: counts), to: input)]
    }
    guard let method = ModelGraph.Resizing.Interpolation(rawValue: interpolation), size.count == 2
    else {
      throw ModelFileError(
        .unsupported, at: [.option("interpolation")],
        "enlarging by '\(interpolation.escapedForTerminal)' can't be computed")
    }
    let image = try context.channelsLast(input, from: layout)
    let extents = zip(context.shape(image).extents, size).map { $0.clampedProduct($1) }
    let result = try context.applyWithoutMask(
      ModelGraph.Resizing(size: extents, interpolation: method), to: image)
    return [try context.fromChannelsLast(result, to: layout)]
  }
}
