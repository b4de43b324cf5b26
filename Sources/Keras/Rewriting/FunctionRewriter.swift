import FileSupport
import ModelGraph

/// Writes functions that a model calls outside of layers in the form of another generation: tf_keras has a layer around
/// each function of TensorFlow, Keras 3 a class for each of its own.
///
/// Only functions of one value, and those of two that are combined number by number, have the same arguments in both.
struct FunctionRewriter {
  let form: KerasForm

  /// The layer that stands for a function, without its calls, and what becomes of these.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a function that the form has no words for.
  func rewritten(
    _ function: TensorFunction, _ entry: JSONValue
  ) throws(ModelFileError) -> JSONObject {
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
    if isPlain, Self.isRewritten(function.kind) {
      switch form {
      case .second: if let found = tensorFlow(function) { return found }
      case .third: if let found = operation(function) { return found }
      case .both: break
      }
    }
    throw ModelFileError(
      .unsupported,
      "the function '\(function.title.escapedForTerminal)' called outside a layer can't be rewritten "
        + "for \(form.readers)",
      remedy: form == .both
        ? "write the file for one of them alone, with --keras 2 or --keras 3"
        : "write the model with a layer in its place, and save it again")
  }

  /// The call of a function in the form's own way.
  func call(_ call: KerasCall, of function: TensorFunction) -> KerasCall {
    guard function.isTensorFlow != (form == .second) else { return call }
    guard Self.isBinary(function.kind) else {
      // Every function of TensorFlow takes a name for what it gives.
      return call.without { name, _ in name == "name" }
    }
    let names = ["x1", "x2", "x", "y"]
    let operands = call.arguments + call.named.filter { names.contains($0.name) }.map(\.value)
    return form.isThird
      ? KerasCall(arguments: operands, named: [], isListed: false)
      : KerasCall(
        arguments: Array(operands.prefix(1)),
        named: operands.dropFirst().map { (name: "y", value: $0) }, isListed: true)
  }

  private func tensorFlow(_ function: TensorFunction) -> JSONObject? {
    guard let path = Self.tensorFlowPath(function.kind) else { return nil }
    return [
      "class_name": "TFOpLambda",
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
      case .relu, .relu6, .elu, .selu, .silu, .softsign: "nn.\(function.rawValue)"
      default: nil
      }
    case .element(let function):
      "math."
        + (TensorFunction.Function.tensorFlowElementNames.first { $0.value == function }?.key
          ?? function.rawValue)
    }
  }
}

extension TensorFunction {
  /// As messages call it.
  var title: String { configuration["function"]?.text ?? className }
}
