import FileSupport

extension KerasLayers {
  /// Elements set to 0 by chance in training; nothing at inference.
  public struct Dropout: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Dropout"
    /// Layers that differ in training may be told so.
    public static let callParameters = ["inputs", "training"]
    /// The chance of an element to be dropped.
    public let rate: Double

    /// A dropout.
    public init(rate: Double) { self.rate = rate }

    /// Reads `rate`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      rate = try configuration.number("rate") ?? 0
    }

    /// `rate`
    public var configuration: JSONObject { ["rate": .number(rate)] }
  }
}

extension KerasLayers.Dropout {
  /// Nothing: it drops in training only, which is refused.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseChance("rate", rate)
    return [try call.input()]
  }
}
