import FileSupport

/// Something that a layer is called with.
public indirect enum KerasArgument: Sendable {
  /// A value of the model.
  case tensor(KerasTensorReference)
  /// Several things.
  case list([KerasArgument])
  /// Anything that stands in the configuration itself: a number, `true`, a slice.
  case constant(JSONValue)

  /// The values of the model in it, in order.
  var tensors: [KerasTensorReference] {
    switch self {
    case .tensor(let reference): [reference]
    case .list(let arguments): arguments.flatMap(\.tensors)
    case .constant: []
    }
  }

  /// The values of a list of which some elements may be `null`.
  var optionalTensors: [KerasTensorReference?] {
    guard case .list(let arguments) = self else { return tensors }
    return arguments.map(\.tensors.first)
  }

  /// What stands in the configuration, if no value of the model is in it.
  var constant: JSONValue? {
    switch self {
    case .tensor: return nil
    case .constant(let value): return value
    case .list(let arguments):
      let values = arguments.compactMap(\.constant)
      return values.count == arguments.count ? .array(values) : nil
    }
  }

  /// The same with every value of the model replaced.
  func mapping(
    _ transform: (KerasTensorReference) -> KerasTensorReference
  ) -> KerasArgument {
    switch self {
    case .tensor(let reference): .tensor(transform(reference))
    case .list(let arguments): .list(arguments.map { $0.mapping(transform) })
    case .constant: self
    }
  }
}

/// One call of a layer.
///
/// Keras 2 writes `[["conv", 0, 0, {"mask": …}], …]`: the values of the first argument, and the other
/// arguments by name. Keras 3 writes `{"args": […], "kwargs": {…}}`, in which a value is an object of
/// class `__keras_tensor__` whose `keras_history` is `["conv", 0, 0]`.
public struct KerasCall: Sendable {
  /// What was passed by position.
  public let arguments: [KerasArgument]
  /// What was passed by name, with the names' bytes compared.
  public let named: [(name: String, value: KerasArgument)]

  /// A call with values of the model.
  public init(_ inputs: [KerasTensorReference]) {
    arguments = [.list(inputs.map { .tensor($0) })]
    named = []
  }

  private init(arguments: [KerasArgument], named: [(name: String, value: KerasArgument)]) {
    self.arguments = arguments
    self.named = named
  }

  /// Reads an element of `inbound_nodes`.
  init(node: JSONValue) {
    if let object = node.object {
      let list = object["args"].map(Self.argument(version3:)) ?? .list([])
      if case .list(let elements) = list { arguments = elements } else { arguments = [list] }
      named = (object["kwargs"]?.object ?? [:]).map { ($0.key, Self.argument(version3: $0.value)) }
      return
    }
    let isSingle = node[0]?.text != nil
    let entries = isSingle ? [node] : node.elements ?? []
    var first: [KerasArgument] = []
    var named = JSONObject()
    for entry in entries {
      if let reference = KerasTensorReference(entry) {
        first.append(.tensor(reference))
      } else if entry[0]?.text == "_CONSTANT_VALUE", let value = entry[2] {
        first.append(.constant(value))
      }
      for (key, value) in entry[3]?.object ?? [:] where named[key] == nil { named[key] = value }
    }
    arguments = first.count == 1 ? first : [.list(first)]
    self.named = named.map { ($0.key, Self.argument(version2: $0.value)) }
  }

  /// All values of the model that the call takes, in any argument.
  public var references: [KerasTensorReference] {
    arguments.flatMap(\.tensors) + named.flatMap(\.value.tensors)
  }

  /// An argument by its name.
  ///
  /// - Parameter parameters: the names of the arguments that can be passed by position, in order.
  func argument(_ name: String, of parameters: [String]) -> KerasArgument? {
    if let position = parameters.firstIndex(of: name), arguments.indices.contains(position) {
      return arguments[position]
    }
    return named.first { $0.name == name }?.value
  }

  /// An argument that is `true` or `false`; `false` if it is neither, or not passed.
  func truth(_ name: String, of parameters: [String]) -> Bool {
    if case .constant(let value) = argument(name, of: parameters) { return value.truth ?? false }
    return false
  }

  /// The values that a layer of this class works on: those of its first arguments.
  func inputs(of layerClass: any KerasLayerClass) -> [KerasTensorReference] {
    let parameters = type(of: layerClass).callParameters
    guard type(of: layerClass).inputParameterCount > 0 else { return references }
    let values = parameters.prefix(type(of: layerClass).inputParameterCount).enumerated().flatMap {
      position, name in
      // Whatever the first argument is called, it comes first.
      (argument(name, of: parameters) ?? (position == 0 ? named.first?.value : nil))?.tensors ?? []
    }
    return values
  }

  /// The same call with every value of the model replaced.
  func mapping(_ transform: (KerasTensorReference) -> KerasTensorReference) -> KerasCall {
    KerasCall(
      arguments: arguments.map { $0.mapping(transform) },
      named: named.map { ($0.name, $0.value.mapping(transform)) })
  }

  private static func argument(version2 value: JSONValue) -> KerasArgument {
    if let reference = KerasTensorReference(value) { return .tensor(reference) }
    guard let elements = value.elements else { return .constant(value) }
    return .list(elements.map(argument(version2:)))
  }

  private static func argument(version3 value: JSONValue) -> KerasArgument {
    if let history = value["config"]?["keras_history"], let found = KerasTensorReference(history) {
      return .tensor(found)
    }
    guard let elements = value.elements else { return .constant(value) }
    return .list(elements.map(argument(version3:)))
  }
}

extension KerasTensorReference {
  /// A list that starts with a name and two numbers.
  init?(_ value: JSONValue) {
    guard let layer = value[0]?.text, let node = value[1]?.int, let tensor = value[2]?.int,
      node >= 0, tensor >= 0
    else { return nil }
    self.init(layer: layer, node: node, tensor: tensor)
  }

  /// The references in a list of them, or the only one: `input_layers`, `output_layers`.
  static func endpoints(in value: JSONValue) -> [KerasTensorReference] {
    if let reference = KerasTensorReference(value) { return [reference] }
    if let elements = value.elements { return elements.flatMap { endpoints(in: $0) } }
    // Of names Keras goes by their order.
    let members = (value.object ?? [:]).sorted {
      $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
    return members.flatMap { endpoints(in: $0.value) }
  }
}
