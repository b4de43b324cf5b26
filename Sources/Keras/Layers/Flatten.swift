import FileSupport
import ModelGraph

extension KerasLayers {
  /// All elements on one axis.
  public struct Flatten: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Flatten"
    /// Where the channels stand in the input; the result always has them innermost.
    public let layout: ImageLayout

    /// The elements in their order.
    public init() { layout = .channelsLast }

    /// Reads `data_format`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      layout = try configuration.layout()
    }

    /// What differs from Keras's default.
    public var configuration: JSONObject {
      var members = JSONObject()
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// The number of elements.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      [try inputs.single().elementCount]
    }
  }
}

extension KerasLayers.Flatten {
  /// The elements in a row, channels innermost.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let image = try context.channelsLast(try call.input(), from: layout)
    return [try context.reshaped(image, to: [context.shape(image).elementCount])]
  }
}
