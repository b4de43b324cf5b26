import FileSupport
import ModelGraph

extension KerasLayers {
  /// All elements on one axis.
  struct Flatten: KeyedLayerClass {
    static let className = "Flatten"
    /// Where the channels stand in the input; the result always has them innermost.
    var layout = ImageLayout.channelsLast

    static let keys: [KerasKey<Self>] = [.layout(\.layout)]

    /// The number of elements.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      [try inputs.single().elementCount]
    }
  }
}

extension KerasLayers.Flatten {
  /// The elements in a row, channels innermost.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let image = try context.channelsLast(try call.input(), from: layout)
    return [try context.reshaped(image, to: [context.shape(image).elementCount])]
  }
}
