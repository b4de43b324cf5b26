import FileSupport

extension KerasModel {
  /// The `model_config` of the model in the form that tf_keras and Keras 3 both load: a functional
  /// model whose layers are wired in the way of Keras 2.
  public var configuration: JSONValue {
    var members: JSONObject = ["name": .string(name)]
    members["layers"] = .array(layers.map(\.entry))
    members["input_layers"] = Self.endpoints(inputs)
    members["output_layers"] = Self.endpoints(outputs)
    return ["class_name": "Functional", "config": .object(members)]
  }

  /// One value alone, or a list: of a list of one, Keras 3 would make a list of one answer.
  private static func endpoints(_ references: [KerasTensorReference]) -> JSONValue {
    references.count == 1 ? references[0].triple : .array(references.map(\.triple))
  }
}

extension KerasLayer {
  /// The layer as an element of `layers`.
  fileprivate var entry: JSONValue {
    var members: JSONObject = ["name": .string(name)]
    for (key, value) in layerClass.configuration { members[key] = value }
    // The name is the layer's, whatever a kept configuration says.
    members["name"] = .string(name)
    let calls = calls.map { call in JSONValue.array(call.references.map(\.quadruple)) }
    return [
      "class_name": .string(layerClass.className), "config": .object(members),
      "name": .string(name), "inbound_nodes": .array(calls),
    ]
  }
}

extension KerasTensorReference {
  /// `["input", 0, 0]`
  fileprivate var triple: JSONValue { [.string(layer), JSONValue(node), JSONValue(tensor)] }

  /// `["conv", 0, 0, {}]`: the last are further arguments of the call.
  fileprivate var quadruple: JSONValue {
    [.string(layer), JSONValue(node), JSONValue(tensor), [:]]
  }
}
