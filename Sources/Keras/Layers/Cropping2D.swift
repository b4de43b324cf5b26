import FileSupport
import ModelGraph

extension KerasLayers {
  /// Rows and columns cut off an image.
  public struct Cropping2D: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Cropping2D"
    /// Rows cut off above and below, columns to the left and to the right.
    public let cropping: [Padding]
    /// Which two axes are cut: the two that are not the channels.
    public let layout: ImageLayout

    /// A cut of rows and columns. With `channelsFirst` and an image whose channels are last it cuts
    /// columns and channels.
    public init(_ cropping: [Padding], layout: ImageLayout = .channelsLast) {
      self.cropping = cropping
      self.layout = layout
    }

    /// Reads `cropping`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      cropping = try configuration.margins("cropping", default: 0)
      layout = try configuration.layout()
    }

    /// `cropping`
    public var configuration: JSONObject {
      var members: JSONObject = ["cropping": JSONValue(margins: cropping)]
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// The extents shrink by the cut; something must remain.
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let image = try inputs.singleImage()
      let spatial = zip(layout.spatial(of: image), cropping).map { $0 - $1.total }
      guard spatial.allSatisfy({ $0 > 0 }) else {
        throw ModelFileError(
          .damaged, at: [.option("cropping")], "cuts off more than there is", found: "\(image)")
      }
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }
}
