import FileSupport

extension KerasLayers {
  /// A function by its name.
  public struct Activation: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Activation"
    /// The name: `sigmoid`, `tanh`, …
    public let function: String

    /// A function by its name.
    public init(_ function: String) { self.function = function }

    /// Reads `activation`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      function = try configuration.activation()
    }

    /// `activation`
    public var configuration: JSONObject { ["activation": .string(function)] }
  }
}
