import FileSupport

extension KerasLayers {
  /// A function by its name.
  public struct Activation: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Activation"
    /// The name: `sigmoid`, `tanh`, …
    public let function: KerasActivation

    /// A function by its name.
    public init(_ function: String) { self.function = KerasActivation(function) }

    /// Reads `activation`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      function = try configuration.activation()
    }

    /// `activation`
    public var configuration: JSONObject { ["activation": function.json] }

    /// Those of a layer in place of the function.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      try function.variables { () throws(ModelFileError) in try inputs.single() }
    }
  }
}

extension KerasLayers.Activation {
  /// The function.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [try context.activate(try call.input(), with: function)]
  }
}
