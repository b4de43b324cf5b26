import FileSupport
import ModelGraph

extension KerasLayers {
  /// The mean of each channel.
  public struct GlobalAveragePooling2D: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "GlobalAveragePooling2D"
    /// Whether rows and columns remain as axes of extent 1.
    public let keepsAxes: Bool
    /// Where the channels stand.
    public let layout: ImageLayout

    /// A mean without rows and columns, channels last.
    public init() {
      keepsAxes = false
      layout = .channelsLast
    }

    /// Reads `keepdims` and `data_format`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      keepsAxes = try configuration.truth("keepdims", default: false)
      layout = try configuration.layout()
    }

    /// What differs from Keras's defaults.
    public var configuration: JSONObject {
      var members = JSONObject()
      members.set("keepdims", .bool(keepsAxes), unless: false)
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `[C]`
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let channels = layout.channels(of: try inputs.singleImage())
      return keepsAxes ? layout.shape(channels: channels, spatial: [1, 1]) : [channels]
    }
  }
}
