import FileSupport

extension KerasLayers {
  /// Elements set to 0 by chance in training; nothing at inference.
  struct Dropout: KeyedLayerClass {
    static let className = "Dropout"
    /// Layers that differ in training may be told so.
    static let callParameters = ["inputs", "training"]
    /// The chance of an element to be dropped.
    var rate = 0.0

    static let keys: [KerasKey<Self>] = [
      .number("rate", \.rate, .written), .meaningless("noise_shape"),
    ]
  }
}

extension KerasLayers.Dropout {
  /// Nothing: it drops in training only, which is refused.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseChance("rate", rate)
    return [try call.input()]
  }
}
