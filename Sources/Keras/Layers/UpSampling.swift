import FileSupport
import ModelGraph

extension KerasLayers {
  /// An image enlarged by whole factors.
  public typealias UpSampling2D = UpSampling

  /// A sequence, image or volume enlarged by whole factors.
  public struct UpSampling: KerasLayerClass {
    /// Keras's name of the class for images.
    public static let className = "UpSampling2D"
    /// Keras's names for other numbers of axes.
    public static let aliases = ["UpSampling1D", "UpSampling3D"]
    /// Its name.
    public let className: String
    /// The factor of each axis.
    public let size: [Int]
    /// How cells between others are found: `nearest`, `bilinear`, …
    public let interpolation: String
    /// Where the channels stand.
    public let layout: ImageLayout

    /// An enlargement of images by repeating cells, channels last.
    public init(size: [Int]) {
      className = Self.className
      self.size = size
      interpolation = "nearest"
      layout = .channelsLast
    }

    /// Reads `size` and `interpolation`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      let rank = try SpatialClass.rank(of: className)
      size = try configuration.integers(
        "size", count: rank, default: [Int](repeating: 2, count: rank))
      interpolation = try configuration.text("interpolation", default: "nearest")
      layout = try configuration.layout()
    }

    /// `size`, and what differs from Keras's defaults.
    public var configuration: JSONObject {
      var members: JSONObject = ["size": JSONValue(size)]
      members.set("interpolation", .string(interpolation), unless: "nearest")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// The extents times the factors.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
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
  public func lower(
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
