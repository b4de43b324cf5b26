import FileSupport
import ModelGraph

/// The arguments of a function that was called outside any layer, each of which is taken up once.
///
/// Keras 3 keeps most of them in the configuration of the node, TensorFlow's functions have all in the call. As of a
/// ``LayerCall`` count is kept: ``refuseRest()`` refuses what the function did not ask for.
final class FunctionArguments {
  private let call: LayerCall
  private var configured: JSONObject

  /// The arguments of a call.
  ///
  /// - Parameter configuration: what the node's configuration says, if arguments stand there.
  init(_ call: LayerCall, configuration: JSONObject) {
    self.call = call
    configured = configuration
    configured["name"] = nil
  }

  /// Takes an argument by the names that Keras and TensorFlow have for it, or by its place in the call; `nil` if it was
  /// not passed.
  func take(_ position: Int? = nil, _ names: String...) -> KerasArgument? {
    for name in names {
      guard let value = configured[name] else { continue }
      configured[name] = nil
      return .constant(value)
    }
    if let position, let found = call.take(position: position) { return found }
    for name in names {
      if let found = call.take(name) { return found }
    }
    return nil
  }

  /// Takes what stands in the file itself; `nil` if it was not passed, or is `null`.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is worked out by the model.
  func constant(_ names: String..., position: Int? = nil) throws(ModelFileError) -> JSONValue? {
    for name in names {
      guard let argument = take(position, name) else { continue }
      guard let value = argument.constant else {
        throw LayerCall.unfit(name, argument, expected: "something that the file tells")
      }
      if value != .null { return value }
    }
    return nil
  }

  /// Takes a number.
  func number(_ names: String..., default fallback: Double) throws(ModelFileError) -> Double {
    for name in names {
      guard let value = try constant(name) else { continue }
      guard let number = value.number else {
        throw LayerCall.unfit(name, .constant(value), expected: "a number")
      }
      return number
    }
    return fallback
  }

  /// Takes a flag.
  func truth(_ name: String, default fallback: Bool = false) throws(ModelFileError) -> Bool {
    guard let value = try constant(name) else { return fallback }
    guard let truth = value.pythonTruth else {
      throw LayerCall.unfit(name, .constant(value), expected: "true or false")
    }
    return truth
  }

  /// Takes a whole number.
  func integer(_ name: String) throws(ModelFileError) -> Int? {
    guard let value = try constant(name) else { return nil }
    guard let number = value.int else {
      throw LayerCall.unfit(name, .constant(value), expected: "a whole number")
    }
    return number
  }

  /// Takes whole numbers, one or a list.
  func integers(_ names: String...) throws(ModelFileError) -> [Int]? {
    for name in names {
      guard let value = try constant(name) else { continue }
      let numbers = (value.elements ?? [value]).map(\.int)
      guard !numbers.contains(nil) else {
        throw LayerCall.unfit(name, .constant(value), expected: "whole numbers")
      }
      return numbers.compactMap(\.self)
    }
    return nil
  }

  /// Takes a value of the model.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is anything else.
  func value(_ position: Int, _ names: String...) throws(ModelFileError) -> KerasValue {
    var argument: KerasArgument?
    for name in names where argument == nil { argument = take(position, name) }
    guard case .tensor(let reference)? = argument else {
      throw LayerCall.unfit(
        names[0], argument ?? .constant(.null), expected: "a value of the model")
    }
    return try call.value(of: reference)
  }

  /// Takes values of the model in a list.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if there is anything else in it.
  func values(_ names: String...) throws(ModelFileError) -> [KerasValue] {
    var argument: KerasArgument?
    for name in names where argument == nil { argument = take(0, name) }
    guard case .list(let elements)? = argument, !elements.isEmpty else {
      throw LayerCall.unfit(
        names[0], argument ?? .constant(.null), expected: "a list of values of the model")
    }
    var values: [KerasValue] = []
    for element in elements {
      guard case .tensor(let reference) = element else {
        throw LayerCall.unfit(names[0], element, expected: "a value of the model")
      }
      values.append(try call.value(of: reference))
    }
    return values
  }

  /// The values of the model that an argument is.
  func value(of reference: KerasTensorReference) throws(ModelFileError) -> KerasValue {
    try call.value(of: reference)
  }

  /// Any value of the model that is passed, to which constants can be held.
  var anyValue: KerasValue? { call.inputs.first }

  /// Refuses what the function did not ask for.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` naming the argument.
  func refuseRest() throws(ModelFileError) {
    for (name, value) in configured where value != .null {
      throw LayerCall.unfit(name, .constant(value), expected: nil)
    }
    try call.refuseRest()
  }
}
