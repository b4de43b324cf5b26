import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if positive, else `slope · x`.
  struct LeakyReLU: KeyedLayerClass {
    static let className = "LeakyReLU"
    /// The slope.
    var slope = 0.3

    /// Keras 3 writes `negative_slope`, and still takes `alpha`; tf_keras does not take the former.
    static let keys: [KerasKey<Self>] = [
      .number("alpha", \.slope, .written), .replacing("negative_slope", \.slope),
    ]
  }
}

extension KerasLayers.LeakyReLU {
  /// The function.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [try context.apply(ModelGraph.Activation(.leakyRelu(slope: slope)), to: try call.input())]
  }
}
