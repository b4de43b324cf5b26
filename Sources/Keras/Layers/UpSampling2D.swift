import FileSupport
import ModelGraph

extension KerasLayers {
  /// An image enlarged by whole factors.
  public struct UpSampling2D: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "UpSampling2D"
    /// The factors of height and width.
    public let size: [Int]
    /// How cells between others are found: `nearest`, `bilinear`, …
    public let interpolation: String
    /// Where the channels stand.
    public let layout: ImageLayout

    /// An enlargement by repeating cells, channels last.
    public init(size: [Int]) {
      self.size = size
      interpolation = "nearest"
      layout = .channelsLast
    }

    /// Reads `size` and `interpolation`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      size = try configuration.integers("size", count: 2, default: [2, 2])
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

    /// Height and width times the factors.
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let image = try inputs.singleImage()
      return layout.shape(
        channels: layout.channels(of: image),
        spatial: zip(layout.spatial(of: image), size).map { $0 * $1 })
    }
  }
}
