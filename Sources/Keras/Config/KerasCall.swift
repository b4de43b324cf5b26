import FileSupport
import ModelGraph

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
  /// Whether it is written in Keras 2's way, in which one value alone stands in a list, too.
  let isListed: Bool

  /// A call with values of the model.
  public init(_ inputs: [KerasTensorReference]) {
    arguments = [.list(inputs.map { .tensor($0) })]
    named = []
    isListed = true
  }

  init(arguments: [KerasArgument], named: [(name: String, value: KerasArgument)], isListed: Bool) {
    self.arguments = arguments
    self.named = named
    self.isListed = isListed
  }

  /// The same call without some of its named arguments.
  func without(_ isLeftOut: (_ name: String, _ value: KerasArgument) -> Bool) -> KerasCall {
    KerasCall(
      arguments: arguments, named: named.filter { !isLeftOut($0.name, $0.value) },
      isListed: isListed)
  }

  /// Reads an element of `inbound_nodes`.
  init(node: JSONValue) {
    if let object = node.object, object["args"] != nil || object["kwargs"] != nil {
      let list = object["args"].map(KerasArgument.init(version3:)) ?? .list([])
      if case .list(let elements) = list { arguments = elements } else { arguments = [list] }
      named = (object["kwargs"]?.object ?? [:]).map { ($0.key, KerasArgument(version3: $0.value)) }
      isListed = false
      return
    }
    var named = JSONObject()
    arguments = [Self.firstArgument(node, &named)]
    self.named = named.map { ($0.key, KerasArgument(version2: $0.value)) }
    isListed = true
  }

  /// The first argument as Keras 2 writes it, in lists or under names. The arguments by name stand behind each value;
  /// those behind the last are passed (`process_node` in `tf_keras/src/engine/functional.py`).
  private static func firstArgument(_ node: JSONValue, _ named: inout JSONObject) -> KerasArgument {
    if node[0]?.text != nil {
      named = node[3]?.object ?? [:]
      return KerasArgument(version2: .array(Array((node.elements ?? []).prefix(3))))
    }
    if let elements = node.elements {
      return .list(elements.map { firstArgument($0, &named) })
    }
    if let members = node.object {
      return .dictionary(members.map { ($0.key, firstArgument($0.value, &named)) })
    }
    return .constant(node)
  }

  /// All values of the model that the call takes, in any argument.
  public var references: [KerasTensorReference] {
    arguments.flatMap(\.tensors) + named.flatMap(\.value.tensors)
  }

  /// The same in the order in which Keras 3 goes through them: arguments by name in the order of the names.
  var referencesByName: [KerasTensorReference] {
    let sorted = named.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return arguments.flatMap(\.tensors) + sorted.flatMap(\.value.tensors)
  }

  /// All arguments with what messages call them: those passed by position, then those by name.
  func labelled(_ parameters: [String]) -> [(label: String, value: KerasArgument)] {
    let positional = arguments.enumerated().map { position, value in
      (
        label: parameters.indices.contains(position)
          ? parameters[position] : "argument \(position + 1)",
        value: value
      )
    }
    return positional + named.map { (label: $0.name, value: $0.value) }
  }

  /// Where an argument stands in ``labelled(_:)``.
  ///
  /// - Parameter parameters: the names of the arguments that can be passed by position, in order.
  func index(of name: String, in parameters: [String]) -> Int? {
    if let position = parameters.firstIndex(of: name), arguments.indices.contains(position) {
      return position
    }
    if let place = named.firstIndex(where: { $0.name == name }) { return arguments.count + place }
    // Whatever the first argument is called, it comes first.
    guard name == parameters.first, arguments.isEmpty else { return nil }
    return named.firstIndex { !parameters.contains($0.name) && !$0.value.tensors.isEmpty }
  }

  /// An argument by its name.
  func argument(_ name: String, of parameters: [String]) -> KerasArgument? {
    index(of: name, in: parameters).map { labelled(parameters)[$0].value }
  }

  /// Where the arguments stand that a layer of this class works on, its first ones.
  func inputIndices(of layerClass: any KerasLayerClass) -> [Int] {
    let parameters = type(of: layerClass).callParameters
    return parameters.prefix(type(of: layerClass).inputParameterCount).compactMap {
      index(of: $0, in: parameters)
    }
  }

  /// An argument that is `true` or `false`; `false` if it is neither, or not passed.
  func truth(_ name: String, of parameters: [String]) -> Bool {
    argument(name, of: parameters)?.constant?.pythonTruth ?? false
  }

  /// The values that a layer of this class works on: those of its first arguments.
  func inputs(of layerClass: any KerasLayerClass) -> [KerasTensorReference] {
    guard type(of: layerClass).inputParameterCount > 0 else { return references }
    let all = labelled([])
    if let model = layerClass as? NestedModel, let named = namedInputs,
      let inOrder = model.inOrder(named)
    {
      return inOrder
    }
    return inputIndices(of: layerClass).flatMap { all[$0].value.tensors }
  }

  /// The members of the first argument, if it is a dictionary.
  var namedInputs: [(name: String, value: KerasArgument)]? {
    if case .dictionary(let members)? = arguments.first { members } else { nil }
  }

  /// Refuses arguments that no layer of this class takes, as far as their names tell.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` naming the argument.
  func refuseStrays(of layerClass: any KerasLayerClass) throws(ModelFileError) {
    let type = type(of: layerClass)
    guard type.inputParameterCount > 0 else { return }
    let known = Set(type.callParameters + ["training"])
    let inputs = inputIndices(of: layerClass)
    for (index, argument) in labelled(type.callParameters).enumerated()
    where !inputs.contains(index) && !known.contains(argument.label) {
      for leaf in argument.value.leaves
      where !MeaninglessArguments.contain(argument.label, leaf) {
        throw LayerCall.unfit(argument.label, leaf, expected: nil)
      }
    }
  }

  /// The same call with every value of the model replaced.
  func mapping(_ transform: (KerasTensorReference) -> KerasTensorReference) -> KerasCall {
    KerasCall(
      arguments: arguments.map { $0.mapping(transform) },
      named: named.map { ($0.name, $0.value.mapping(transform)) }, isListed: isListed)
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

extension KerasCall: Hashable {
  /// Whether a layer gives the same values in both.
  public static func == (first: KerasCall, second: KerasCall) -> Bool {
    first.arguments == second.arguments && first.isListed == second.isListed
      && first.named.elementsEqual(second.named) {
        $0.name.utf8.elementsEqual($1.name.utf8) && $0.value == $1.value
      }
  }

  /// Takes the arguments; names of equal ones are equal.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(arguments)
    for (_, value) in named { hasher.combine(value) }
  }
}
