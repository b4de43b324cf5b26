import FileSupport
import ModelGraph

extension KerasLayers {
  /// The mean of the cells of each window that lie inside the image.
  public struct AveragePooling2D: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "AveragePooling2D"
    /// Height and width of the window.
    public let poolSize: [Int]
    /// Steps down and to the right.
    public let strides: [Int]
    /// What happens at the border.
    public let padding: WindowPadding
    /// Where the channels stand.
    public let layout: ImageLayout

    /// A pooling, channels last.
    public init(poolSize: [Int], strides: [Int], padding: WindowPadding) {
      self.poolSize = poolSize
      self.strides = strides
      self.padding = padding
      layout = .channelsLast
    }

    /// Reads `pool_size`, `strides` (the same if missing), `padding`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      poolSize = try configuration.integers("pool_size", count: 2, default: [2, 2])
      strides = try configuration.integers("strides", count: 2, default: poolSize)
      padding = try configuration.padding()
      layout = try configuration.layout()
    }

    /// The window, and what differs from Keras's defaults.
    public var configuration: JSONObject {
      var members: JSONObject = [
        "pool_size": JSONValue(poolSize), "strides": JSONValue(strides),
      ]
      members.set("padding", .string(padding.rawValue), unless: "valid")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `[H′, W′, C]`
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let image = try inputs.singleImage()
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: image), size: poolSize, strides: strides)
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }
}
