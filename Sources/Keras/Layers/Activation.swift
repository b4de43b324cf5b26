import FileSupport

extension KerasLayers {
  /// A function by its name.
  struct Activation: KeyedLayerClass {
    static let className = "Activation"
    /// The name: `sigmoid`, `tanh`, …
    var function = KerasActivation.linear

    static let keys: [KerasKey<Self>] = [.activation(\.function, .written)]

    /// Those of a layer in place of the function.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      try function.variables { () throws(ModelFileError) in try inputs.single() }
    }
  }
}

extension KerasLayers.Activation {
  /// A function by its name.
  init(_ name: String) { self.init(function: KerasActivation(name)) }

  /// The function.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    [try context.activate(try call.input(), with: function)]
  }
}
