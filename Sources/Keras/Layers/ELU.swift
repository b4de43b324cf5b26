import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if positive, else `alpha · (eˣ − 1)`.
  public struct ELU: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "ELU"
    /// The factor.
    public let alpha: Double

    /// A function of this factor.
    public init(alpha: Double) { self.alpha = alpha }

    /// Reads `alpha`; 1 if it is not there.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      alpha = try configuration.number("alpha") ?? 1
    }

    /// `alpha`
    public var configuration: JSONObject { ["alpha": .number(alpha)] }
  }
}

extension KerasLayers.ELU {
  /// The function.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [try context.apply(ModelGraph.Activation(.elu(alpha: alpha)), to: try call.input())]
  }
}
