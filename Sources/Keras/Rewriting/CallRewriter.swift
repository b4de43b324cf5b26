import FileSupport
import ModelGraph

/// Writes the calls of a functional model's layers in the form of other generations of Keras.
///
/// Keras 2 writes `[["conv", 0, 0, {}]]`, Keras 3 an object with `args` and `kwargs`; both read the former. They
/// count the calls of a model inside a model differently: tf_keras counts the one by which such a model was made, Keras 3
/// does not, but for what is an output. Where both are to read it, each call of such a model stands twice, so that the
/// number that one takes for the first is the second for the other: the same call.
///
/// Sources: `keras/src/models/functional.py: deserialize_node, functional_from_config`,
/// `tf_keras/src/engine/functional.py: process_node`.
struct CallRewriter {
  let form: KerasForm
  /// The layers by name.
  let layers: [String: KerasLayer]

  /// The calls of a layer.
  func calls(_ calls: [KerasCall], of layerClass: any KerasLayerClass) -> JSONValue {
    let written = calls.map { call in
      let function = layerClass as? TensorFunction
      return node(
        function.map { FunctionRewriter(form: form).call(call, of: $0, layers) } ?? call,
        of: layerClass)
    }
    guard form == .both, isMade(layerClass) else { return .array(written) }
    return .array(written.flatMap { [$0, $0] })
  }

  /// Whether tf_keras counts the making of a model as a call of it.
  private func isMade(_ layerClass: any KerasLayerClass) -> Bool {
    guard let nested = layerClass as? NestedModel else { return false }
    return nested.className != "Sequential"
      || (nested.wiring.entries.first?.layerClass as? KerasLayers.InputLayer)?.extents != nil
  }

  /// A value's place by the form's own count of calls.
  func place(_ reference: KerasTensorReference, asOutput: Bool = false) -> [JSONValue] {
    var node = reference.node
    if let source = layers[reference.layer]?.layerClass, isMade(source) {
      switch form {
      case .both: node = 2 * node + 1
      case .second: node += 1
      case .third: node += asOutput && (source as? NestedModel)?.className != "Sequential" ? 1 : 0
      }
    }
    return [.string(reference.layer), JSONValue(node), JSONValue(reference.tensor)]
  }

  /// Inputs or outputs of the model: one alone, a list or a dictionary of them. A list of one is one alone, since Keras 3
  /// would give a list.
  func endpoints(
    _ value: JSONValue, _ transform: (KerasTensorReference) -> KerasTensorReference
  ) -> JSONValue {
    if let reference = KerasTensorReference(value) {
      return .array(place(transform(reference), asOutput: true))
    }
    if let object = value.object {
      return .object(JSONObject(object.map { ($0.key, endpoints($0.value, transform)) }))
    }
    let elements = value.elements ?? []
    if elements.count == 1 { return endpoints(elements[0], transform) }
    return .array(elements.map { endpoints($0, transform) })
  }

  // MARK: One call

  private func node(_ call: KerasCall, of layerClass: any KerasLayerClass) -> JSONValue {
    form.isThird ? thirdNode(call, of: layerClass) : secondNode(call, of: layerClass)
  }

  private func thirdNode(_ call: KerasCall, of layerClass: any KerasLayerClass) -> JSONValue {
    var arguments = call.arguments
    var named = call.named
    if case .list(let elements)? = arguments.first, call.isListed {
      if elements.count == 1 {
        arguments[0] = elements[0]
      } else if Self.runsAlongSequence(layerClass), elements.count > 1 {
        arguments[0] = elements[0]
        named.append(("initial_state", .list(Array(elements.dropFirst()))))
      }
    }
    return [
      "args": .array(arguments.map(third)),
      "kwargs": .object(JSONObject(named.map { ($0.name, third($0.value)) })),
    ]
  }

  private func third(_ argument: KerasArgument) -> JSONValue {
    switch argument {
    case .constant(let value): return value
    case .list(let elements): return .array(elements.map(third))
    case .dictionary(let members):
      return .object(JSONObject(members.map { ($0.name, third($0.value)) }))
    case .tensor(let reference):
      let layer = layers[reference.layer]
      let extents = layer?.shape(of: reference)?.extents ?? []
      let type = layer.flatMap { try? $0.policy.elementType(of: $0.layerClass) } ?? .float32
      return [
        "class_name": "__keras_tensor__",
        "config": [
          "shape": .array([.null] + extents.map { $0.map { JSONValue($0) } ?? .null }),
          "dtype": .string(type.rawValue),
          "keras_history": .array(place(reference)),
        ],
      ]
    }
  }

  private func secondNode(_ call: KerasCall, of layerClass: any KerasLayerClass) -> JSONValue {
    var arguments = call.arguments
    let parameters = type(of: layerClass).callParameters
    var named: [(name: String, value: KerasArgument)] = []
    for (position, argument) in arguments.enumerated().dropFirst() {
      let name = parameters.indices.contains(position) ? parameters[position] : "\(position)"
      named.append((name, argument))
    }
    for (name, argument) in call.named where !argument.isNull {
      if arguments.isEmpty, name == parameters.first {
        arguments = [argument]
      } else {
        named.append((name, argument))
      }
    }
    if Self.runsAlongSequence(layerClass),
      let place = named.firstIndex(where: { $0.name == "initial_state" })
    {
      let states = named.remove(at: place).value.tensors.map { KerasArgument.tensor($0) }
      let sequence = arguments.first.map { first in
        if case .list(let elements) = first { elements } else { [first] }
      }
      arguments = [.list((sequence ?? []) + states)]
    }
    let keywords = JSONObject(
      named.filter { !$0.value.isNull }.map { ($0.name, second($0.value)) })
    let first = arguments.first ?? .list([])
    // tf_keras writes what a function of TensorFlow takes alone in no list.
    if layerClass is TensorFunction {
      switch first {
      case .tensor, .constant: return element(first, keywords)
      case .list, .dictionary: break
      }
    }
    return firstArgument(first, keywords)
  }

  /// The first argument, each of its values with the others behind it.
  private func firstArgument(_ argument: KerasArgument, _ keywords: JSONObject) -> JSONValue {
    switch argument {
    case .list(let elements): .array(elements.map { element($0, keywords) })
    case .dictionary(let members):
      .object(JSONObject(members.map { ($0.name, element($0.value, keywords)) }))
    default: .array([element(argument, keywords)])
    }
  }

  private func element(_ argument: KerasArgument, _ keywords: JSONObject) -> JSONValue {
    switch argument {
    case .tensor(let reference): .array(place(reference) + [.object(keywords)])
    case .constant(let value): ["_CONSTANT_VALUE", -1, value, .object(keywords)]
    default: firstArgument(argument, keywords)
    }
  }

  private func second(_ argument: KerasArgument) -> JSONValue {
    switch argument {
    case .constant(let value): value
    case .tensor(let reference): .array(place(reference))
    case .list(let elements): .array(elements.map(second))
    case .dictionary(let members):
      .object(JSONObject(members.map { ($0.name, second($0.value)) }))
    }
  }

  /// Whether a layer takes the states from which it starts in a list behind the sequence, as tf_keras writes them.
  private static func runsAlongSequence(_ layerClass: any KerasLayerClass) -> Bool {
    layerClass is any SequenceLayer || layerClass is KerasLayers.Bidirectional
  }
}
