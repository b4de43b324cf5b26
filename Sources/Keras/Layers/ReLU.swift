import FileSupport
import ModelGraph

extension KerasLayers {
  /// `max(x, 0)`, cut at `maximum`; below `threshold` it goes on with `slope`.
  public struct ReLU: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "ReLU"
    /// The largest value.
    public let maximum: Double?
    /// The slope of the part that is cut off.
    public let slope: Double
    /// Where that part begins.
    public let threshold: Double

    /// The plain function, unless told otherwise.
    public init(maximum: Double? = nil, slope: Double = 0, threshold: Double = 0) {
      self.maximum = maximum
      self.slope = slope
      self.threshold = threshold
    }

    /// Reads `max_value`, `negative_slope`, `threshold`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      maximum = try configuration.number("max_value")
      slope = try configuration.number("negative_slope") ?? 0
      threshold = try configuration.number("threshold") ?? 0
    }

    /// Keys that differ from Keras's defaults.
    public var configuration: JSONObject {
      var members = JSONObject()
      if let maximum { members["max_value"] = .number(maximum) }
      members.set("negative_slope", .number(slope), unless: 0.0)
      members.set("threshold", .number(threshold), unless: 0.0)
      return members
    }
  }
}

extension KerasLayers.ReLU {
  /// The function.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let function = ActivationFunction.thresholdedRelu(
      threshold: threshold, slope: slope, maximum: maximum)
    return [try context.apply(ModelGraph.Activation(function), to: try call.input())]
  }
}
