import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if it is larger than a threshold, else 0. Keras 3 does not have it.
  public struct ThresholdedReLU: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "ThresholdedReLU"
    /// The threshold.
    public let threshold: Double

    /// Reads `theta`; 1 if it is not there.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      threshold = try configuration.number("theta") ?? 1
    }

    /// `theta`
    public var configuration: JSONObject { ["theta": .number(threshold)] }
  }
}

extension KerasLayers.ThresholdedReLU {
  /// The function.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [
      try context.apply(
        ModelGraph.Activation(.threshold(level: threshold, value: 0)), to: try call.input())
    ]
  }
}
