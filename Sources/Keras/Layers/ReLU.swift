import FileSupport
import ModelGraph

extension KerasLayers {
  /// `max(x, 0)`, cut at `maximum`; below `threshold` it goes on with `slope`.
  struct ReLU: KeyedLayerClass {
    static let className = "ReLU"
    /// The largest value.
    var maximum: Double?
    /// The slope of the part that is cut off.
    var slope = 0.0
    /// Where that part begins.
    var threshold = 0.0

    static let keys: [KerasKey<Self>] = [
      .number("max_value", \.maximum), .number("negative_slope", \.slope),
      .number("threshold", \.threshold),
    ]
  }
}

extension KerasLayers.ReLU {
  /// The function.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let function = ActivationFunction.thresholdedRelu(
      threshold: threshold, slope: slope, maximum: maximum)
    return [try context.apply(ModelGraph.Activation(function), to: try call.input())]
  }
}
