import FileSupport

/// A value of the graph that a Keras model is lowered to.
public struct KerasValue: Sendable {
  /// The node.
  let node: Int
  /// The node of its mask, if it has one: 1 for each step that counts, 0 for the others.
  var mask: Int?

  /// The value of a node.
  init(_ node: Int, mask: Int? = nil) {
    self.node = node
    self.mask = mask
  }
}

/// A call of a layer with the values that it is made with.
public struct LayerCall {
  /// What the layer works on.
  let inputs: [KerasValue]
  private let call: KerasCall
  private let parameters: [String]
  private let value: (KerasTensorReference) -> KerasValue?

  /// A call of one layer by another, with nothing but inputs.
  init(_ inputs: [KerasValue]) {
    self.inputs = inputs
    call = KerasCall([])
    parameters = []
    value = { _ in nil }
  }

  /// A call as the configuration has it.
  init(
    _ call: KerasCall, of layerClass: any KerasLayerClass, inputs: [KerasValue],
    value: @escaping (KerasTensorReference) -> KerasValue?
  ) {
    self.call = call
    self.inputs = inputs
    self.value = value
    parameters = type(of: layerClass).callParameters
  }

  /// The same call with other inputs.
  func with(_ inputs: [KerasValue]) -> LayerCall {
    LayerCall(inputs: inputs, call: call, parameters: parameters, value: value)
  }

  private init(
    inputs: [KerasValue], call: KerasCall, parameters: [String],
    value: @escaping (KerasTensorReference) -> KerasValue?
  ) {
    self.inputs = inputs
    self.call = call
    self.parameters = parameters
    self.value = value
  }

  /// The only input.
  func input() throws(ModelFileError) -> KerasValue {
    guard let first = inputs.first else {
      throw ModelFileError(.damaged, "takes nothing", expected: "an input", found: "none")
    }
    return first
  }

  /// The things that were passed by position.
  var arguments: [KerasArgument] { call.arguments }

  /// A further argument, if it was passed and is not `null`.
  func argument(_ name: String) -> KerasArgument? {
    let argument = call.argument(name, of: parameters)
    if case .constant(.null) = argument { return nil }
    return argument
  }

  /// A further argument that is a value of the model.
  func tensor(_ name: String) -> KerasValue? {
    argument(name)?.tensors.first.flatMap(value)
  }

  /// A value of the model that an argument names.
  func value(of reference: KerasTensorReference) throws(ModelFileError) -> KerasValue {
    guard let found = value(reference) else {
      throw ModelFileError(
        .damaged, "takes a value that is not there",
        found: "value \(reference.tensor) of '\(reference.layer.escapedForTerminal)'")
    }
    return found
  }

  /// A further argument that is `true` or `false`.
  func truth(_ name: String) -> Bool { call.truth(name, of: parameters) }
}
