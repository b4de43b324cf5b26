import FileSupport
import ModelGraph

/// Writes functions that a model calls outside of layers in the form of another generation: tf_keras has a layer around
/// each function of TensorFlow, Keras 3 a class for each of its own.
///
/// Only functions of one value, and those of two that are combined number by number, have the same arguments in both. For
/// some others, and where both are to read the file, a layer stands in the place (``LayerForFunction``).
struct FunctionRewriter {
  let form: KerasForm

  /// The layer that stands for a function, without its calls.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a function that the form has no words for.
  func rewritten(
    _ function: TensorFunction, _ entry: JSONValue
  ) throws(ModelFileError) -> JSONObject {
    if let found = translated(function, entry) { return found }
    throw ModelFileError(
      .unsupported,
      "the function '\(function.title.escapedForTerminal)' called outside a layer can't be rewritten "
        + "for \(form.readers)",
      remedy: form == .both
        ? "write the file for one of them alone, with --keras 2 or --keras 3"
        : "write the model with a layer in its place, and save it again")
  }

  /// The layer of a functional model in whose place another one stands, if the form has no words for the function in it but
  /// a layer for it.
  func replaced(_ layer: KerasLayer, _ entry: JSONValue, in model: KerasModel) -> KerasLayer {
    guard let function = layer.layerClass as? TensorFunction,
      translated(function, entry) == nil, layer.calls.count == 1,
      let found = LayerForFunction(
        function, layer.calls[0],
        shapes: { reference in
          guard let reference else { return layer.shape(of: .init(layer: layer.name)) }
          return model.shape(of: reference)
        })
    else { return layer }
    return layer.with(found.layerClass).called([KerasCall(found.inputs)])
  }

  private func translated(_ function: TensorFunction, _ entry: JSONValue) -> JSONObject? {
    if form != .both, function.isTensorFlow == (form == .second) {
      var members = entry.object ?? [:]
      for key in ["name", "inbound_nodes", "build_config"] { members[key] = nil }
      return members
    }
    let isPlain =
      function.isTensorFlow
      || function.configuration.keys.allSatisfy {
        ["name", "dtype", "trainable"].contains($0)
      }
    guard isPlain, Self.isRewritten(function.kind) else { return nil }
    return switch form {
    case .second: tensorFlow(function)
    case .third: operation(function)
    case .both: nil
    }
  }

  /// The call of a function in the form's own way.
  ///
  /// - Parameters:
  ///   - call: the call.
  ///   - function: the function.
  ///   - layers: the layers by name.
  func call(
    _ call: KerasCall, of function: TensorFunction, _ layers: [String: KerasLayer]
  ) -> KerasCall {
    if case .function(.getItem) = function.kind { return slice(call, layers) ?? call }
    guard function.isTensorFlow != (form == .second) else { return call }
    guard Self.isBinary(function.kind) else {
      // Every function of TensorFlow takes a name for what it gives.
      return call.without { name, _ in name == "name" }
    }
    let names = ["x1", "x2", "x", "y"]
    let given = call.arguments + call.named.filter { names.contains($0.name) }.map(\.value)
    let first = given.flatMap(\.tensors).first.flatMap { layers[$0.layer] }
    let type = first.flatMap { try? $0.policy.elementType(of: $0.layerClass) } ?? .float32
    let operands = given.map { operand($0, type) }
    return form.isThird
      ? KerasCall(arguments: operands, named: [], isListed: false)
      : KerasCall(
        arguments: Array(operands.prefix(1)),
        named: operands.dropFirst().map { (name: "y", value: $0) }, isListed: true)
  }

  /// A number or an array beside a value of this type. TensorFlow makes whole numbers of whole numbers, Keras 3 has an object
  /// for arrays.
  private func operand(_ argument: KerasArgument, _ type: ElementType) -> KerasArgument {
    guard let constant = argument.constant, let found = constant.numbers else { return argument }
    guard form.isThird else {
      let plain = constant["config"]?["value"] ?? constant
      return .constant(type.isFloating ? plain.asFloating : plain)
    }
    guard !found.extents.isEmpty, constant.object == nil else { return argument }
    return .constant([
      "class_name": "__numpy__", "config": ["value": constant, "dtype": .string(type.rawValue)],
    ])
  }

  /// A part of a value, its axes spelled out: not every container has a word for `...`.
  private func slice(_ call: KerasCall, _ layers: [String: KerasLayer]) -> KerasCall? {
    guard let reference = call.references.first, call.references.count == 1,
      let rank = layers[reference.layer]?.shape(of: reference)?.rank
    else { return nil }
    let named = call.named.first { ["slice_spec", "key"].contains($0.name) }?.value
    let given = named ?? (call.arguments.count == 2 ? call.arguments[1] : nil)
    guard let keys = SliceKey.keys(given),
      let written = SliceKey.spelledOut(keys, rank: rank + 1)
    else { return nil }
    let value = KerasArgument.constant(.array(written.map { $0.json(isThird: form.isThird) }))
    return form.isThird
      ? KerasCall(arguments: [.tensor(reference), value], named: [], isListed: false)
      : KerasCall(
        arguments: [.tensor(reference)], named: [(name: "slice_spec", value: value)],
        isListed: true)
  }

  private func tensorFlow(_ function: TensorFunction) -> JSONObject? {
    guard let path = Self.tensorFlowPath(function.kind) else { return nil }
    return [
      "class_name": Self.isSlice(function.kind) ? "SlicingOpLambda" : "TFOpLambda",
      "config": ["function": .string(path), "trainable": true, "dtype": "float32"],
    ]
  }

  private func operation(_ function: TensorFunction) -> JSONObject? {
    let name = Self.name(of: function.kind)
    let place = KerasNames.third.operations.names.sorted().first { place in
      place.split(separator: ".").last.map { KerasPath.snakeCase(String($0)) } == name
    }
    guard let place, let dot = place.lastIndex(of: ".") else { return nil }
    return [
      "module": .string("\(TensorFunction.module).\(place[..<dot])"),
      "class_name": .string(String(place[place.index(after: dot)...])), "config": [:],
      "registered_name": .string(String(place[place.index(after: dot)...])),
    ]
  }

  // MARK: The functions

  private static func name(of kind: TensorFunction.Kind) -> String {
    switch kind {
    case .function(let function): function.rawValue
    case .element(let function): function.rawValue
    }
  }

  private static func isSlice(_ kind: TensorFunction.Kind) -> Bool {
    if case .function(.getItem) = kind { true } else { false }
  }

  private static func isBinary(_ kind: TensorFunction.Kind) -> Bool {
    guard case .function(let function) = kind else { return false }
    switch function {
    case .add, .subtract, .multiply, .trueDivide, .divide, .power, .maximum, .minimum: return true
    default: return false
    }
  }

  private static func isRewritten(_ kind: TensorFunction.Kind) -> Bool {
    isBinary(kind) || tensorFlowPath(kind) != nil
  }

  /// Where TensorFlow has a function.
  private static func tensorFlowPath(_ kind: TensorFunction.Kind) -> String? {
    switch kind {
    case .function(let function):
      switch function {
      case .trueDivide, .divide: "math.truediv"
      case .power: "math.pow"
      case .absolute, .abs: "math.abs"
      case .add, .subtract, .multiply, .maximum, .minimum, .negative, .square, .sigmoid, .tanh,
        .exp, .softplus:
        "math.\(function.rawValue)"
      case .getItem: "__operators__.getitem"
      case .relu, .relu6, .elu, .selu, .silu, .softsign: "nn.\(function.rawValue)"
      default: nil
      }
    case .element(let function) where TensorFunction.Function.withoutTensorFlow.contains(function):
      nil
    case .element(let function):
      "math."
        + (TensorFunction.Function.tensorFlowElementNames.first { $0.value == function }?.key
          ?? function.rawValue)
    }
  }
}

extension JSONValue {
  /// The same with whole numbers as such with a fraction.
  fileprivate var asFloating: JSONValue {
    if let elements { return .array(elements.map(\.asFloating)) }
    return double.map { .number($0) } ?? self
  }
}

extension TensorFunction {
  /// As messages call it.
  var title: String { configuration["function"]?.text ?? className }
}
