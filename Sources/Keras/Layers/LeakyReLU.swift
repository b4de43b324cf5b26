import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if positive, else `slope · x`.
  public struct LeakyReLU: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "LeakyReLU"
    /// The slope.
    public let slope: Double

    /// A function of this slope.
    public init(slope: Double) { self.slope = slope }

    /// Reads `negative_slope` (Keras 3) or `alpha` (Keras 2); 0.3 if neither is there.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      let own = try configuration.number("negative_slope")
      let older = try configuration.number("alpha")
      slope = own ?? older ?? 0.3
    }

    /// `alpha`, which Keras 3 still takes; tf_keras does not take `negative_slope`.
    public var configuration: JSONObject { ["alpha": .number(slope)] }
  }
}

extension KerasLayers.LeakyReLU {
  /// The function.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [try context.apply(ModelGraph.Activation(.leakyRelu(slope: slope)), to: try call.input())]
  }
}
