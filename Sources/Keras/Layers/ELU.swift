import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if positive, else `alpha · (eˣ − 1)`.
  struct ELU: KeyedLayerClass {
    static let className = "ELU"
    /// The factor.
    var alpha = 1.0

    static let keys: [KerasKey<Self>] = [.number("alpha", \.alpha, .written)]
  }
}

extension KerasLayers.ELU {
  /// The function.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [try context.apply(ModelGraph.Activation(.elu(alpha: alpha)), to: try call.input())]
  }
}
