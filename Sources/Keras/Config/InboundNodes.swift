import FileSupport

/// How configurations write which tensors a layer is called with.
///
/// Keras 2: `["conv", 0, 0, {}]`, in lists. Keras 3: an object of class `__keras_tensor__` somewhere
/// among the arguments, whose `keras_history` is `["conv", 0, 0]`.
enum InboundNodes {
  /// All tensors that a part of a configuration names, in order.
  static func references(in value: JSONValue) -> [KerasTensorReference] {
    if let reference = reference(value) { return [reference] }
    if let elements = value.elements { return elements.flatMap { references(in: $0) } }
    guard let object = value.object else { return [] }
    if let history = object["config"]?["keras_history"], let reference = reference(history) {
      return [reference]
    }
    return object.flatMap { references(in: $0.value) }
  }

  /// A list that starts with a name and two numbers.
  private static func reference(_ value: JSONValue) -> KerasTensorReference? {
    guard let layer = value[0]?.text, let node = value[1]?.int, let tensor = value[2]?.int else {
      return nil
    }
    return KerasTensorReference(layer: layer, node: node, tensor: tensor)
  }
}
