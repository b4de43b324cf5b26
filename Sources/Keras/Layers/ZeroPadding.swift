import FileSupport
import ModelGraph

extension KerasLayers {
  /// Zeros put around an image.
  public typealias ZeroPadding2D = ZeroPadding

  /// Zeros put before and after the cells of each spatial axis.
  public struct ZeroPadding: KerasLayerClass {
    /// Keras's name of the class for images.
    public static let className = "ZeroPadding2D"
    /// Keras's names for other numbers of axes.
    public static let aliases = ["ZeroPadding1D", "ZeroPadding3D"]
    /// Its name.
    public let className: String
    /// Cells before and after, axis by axis.
    public let padding: [Padding]
    /// Which axes are padded: those that are not the channels.
    public let layout: ImageLayout

    /// A padding of rows and columns. With `channelsFirst` and an image whose channels are last it
    /// pads columns and channels.
    public init(_ padding: [Padding], layout: ImageLayout = .channelsLast) {
      className = Self.className
      self.padding = padding
      self.layout = layout
    }

    /// Reads `padding`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      padding = try configuration.margins(
        "padding", count: try SpatialClass.rank(of: className), default: 1)
      layout = try configuration.layout()
    }

    /// `padding`
    public var configuration: JSONObject {
      var members: JSONObject = ["padding": JSONValue(margins: padding)]
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// The extents grow by the padding.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: padding.count + 1)
      let spatial = zip(layout.spatial(of: image), padding).map { extent, margin in
        extent.map { $0 + margin.total }
      }
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }
}

extension KerasLayers.ZeroPadding {
  /// Zeros around the spatial axes.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let margins = layout == .channelsFirst ? [.none] + padding : padding + [.none]
    return [try context.applyWithoutMask(Pad(margins: margins, value: 0), to: input)]
  }
}
