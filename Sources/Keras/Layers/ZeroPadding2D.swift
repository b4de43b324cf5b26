import FileSupport
import ModelGraph

extension KerasLayers {
  /// Zeros put around an image.
  public struct ZeroPadding2D: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "ZeroPadding2D"
    /// Rows above and below, columns to the left and to the right.
    public let padding: [Padding]
    /// Which two axes are padded: the two that are not the channels.
    public let layout: ImageLayout

    /// A padding of rows and columns. With `channelsFirst` and an image whose channels are last it
    /// pads columns and channels.
    public init(_ padding: [Padding], layout: ImageLayout = .channelsLast) {
      self.padding = padding
      self.layout = layout
    }

    /// Reads `padding`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      padding = try configuration.margins("padding", default: 1)
      layout = try configuration.layout()
    }

    /// `padding`
    public var configuration: JSONObject {
      var members: JSONObject = ["padding": JSONValue(margins: padding)]
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// The extents grow by the padding.
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let image = try inputs.singleImage()
      return layout.shape(
        channels: layout.channels(of: image),
        spatial: zip(layout.spatial(of: image), padding).map { $0 + $1.total })
    }
  }
}
