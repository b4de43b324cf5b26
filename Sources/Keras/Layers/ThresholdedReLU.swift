import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if it is larger than a threshold, else 0: a ``ReLU`` with that threshold. Keras 3 does not have it.
  struct ThresholdedReLU: KeyedLayerClass {
    static let className = "ThresholdedReLU"
    /// The threshold.
    var threshold = 1.0

    static let keys: [KerasKey<Self>] = [.number("theta", \.threshold, .written)]
  }
}

extension KerasLayers.ThresholdedReLU {
  /// The function.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [
      try context.apply(
        ModelGraph.Activation(.thresholdedRelu(threshold: threshold, slope: 0, maximum: nil)),
        to: try call.input())
    ]
  }
}
