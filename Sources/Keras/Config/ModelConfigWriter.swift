import FileSupport

extension KerasModel {
  /// The `model_config` of the model in the form that tf_keras and Keras 3 both load: a functional
  /// model whose layers are wired in the way of Keras 2.
  public var configuration: JSONValue {
    var members: JSONObject = ["name": .string(name)]
    members["layers"] = .array(layers.map(\.entry))
    members["input_layers"] = .array(inputs.map(\.triple))
    members["output_layers"] = .array(outputs.map(\.triple))
    return ["class_name": "Functional", "config": .object(members)]
  }

  /// The text of ``configuration``.
  public var configurationText: String {
    let writer = JSONWriter(nonFinite: .pythonTokens)
    return String(decoding: writer.bytes(of: configuration), as: UTF8.self)
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
