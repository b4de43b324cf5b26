import FileSupport
import ModelGraph

/// A value of the graph that a Keras model is lowered to.
public struct KerasValue: Sendable {
  /// The node.
  let node: Int
  /// The node of its mask, if it has one: 1 for each step that counts, 0 for the others.
  var mask: Int?
  /// In which type of numbers Keras holds it. Within a layer, whose values all are of its own, it is not kept up.
  let type: ElementType

  /// The value of a node.
  init(_ node: Int, mask: Int? = nil, type: ElementType = .float32) {
    self.node = node
    self.mask = mask
    self.type = type
  }

  /// The same value, held in numbers of a type that it is of.
  func typed(_ type: ElementType) -> KerasValue { KerasValue(node, mask: mask, type: type) }
}

/// A call of a layer with the values that it is made with.
///
/// It is the one door through which a layer class gets its arguments, and it keeps count: what was not taken
/// up when the layer is lowered is refused by `refuseRest()`, so that no argument can be passed over.
public struct LayerCall {
  /// What the layer works on.
  let inputs: [KerasValue]
  private let call: KerasCall
  private let parameters: [String]
  private let value: (KerasTensorReference) -> KerasValue?
  private let ledger: ArgumentLedger

  /// A call of one layer by another, with nothing but inputs.
  init(_ inputs: [KerasValue]) {
    self.init(
      inputs: inputs, call: KerasCall([]), parameters: [], ledger: ArgumentLedger(KerasCall([])),
      value: { _ in nil })
  }

  /// A call as the configuration has it. Its inputs count as taken up, but for a class of which any argument may be
  /// one.
  init(
    _ call: KerasCall, of layerClass: any KerasLayerClass, inputs: [KerasValue],
    value: @escaping (KerasTensorReference) -> KerasValue?
  ) {
    let ledger = ArgumentLedger(call)
    for index in call.inputIndices(of: layerClass) { ledger.takeTensors(index) }
    self.init(
      inputs: inputs, call: call, parameters: type(of: layerClass).callParameters, ledger: ledger,
      value: value)
  }

  private init(
    inputs: [KerasValue], call: KerasCall, parameters: [String], ledger: ArgumentLedger,
    value: @escaping (KerasTensorReference) -> KerasValue?
  ) {
    self.inputs = inputs
    self.call = call
    self.parameters = parameters
    self.ledger = ledger
    self.value = value
  }

  /// The same call with other inputs.
  func with(_ inputs: [KerasValue]) -> LayerCall {
    LayerCall(inputs: inputs, call: call, parameters: parameters, ledger: ledger, value: value)
  }

  /// The only input.
  func input() throws(ModelFileError) -> KerasValue {
    guard let first = inputs.first else {
      throw ModelFileError(.damaged, "takes nothing", expected: "an input", found: "none")
    }
    return first
  }

  /// The members of the first argument, if it is a dictionary.
  var namedInputs: [(name: String, value: KerasArgument)]? { call.namedInputs }

  // MARK: Arguments

  /// All arguments in order, which are not taken up by that.
  var arguments: [KerasArgument] { call.labelled(parameters).map(\.value) }

  /// Takes up an argument by its name, whatever it is; `nil` if it was not passed. Whoever calls this answers for all
  /// that is in it.
  func take(_ name: String) -> KerasArgument? {
    take(at: call.index(of: name, in: parameters))
  }

  /// Takes up the argument that was passed in this place, or else by one of these names.
  func take(position: Int, or names: String...) -> KerasArgument? {
    if call.arguments.indices.contains(position) { return take(at: position) }
    for name in names {
      if let place = call.named.firstIndex(where: { $0.name == name }) {
        return take(at: call.arguments.count + place)
      }
    }
    return nil
  }

  private func take(at index: Int?) -> KerasArgument? {
    guard let index else { return nil }
    ledger.take(index)
    return call.labelled(parameters)[index].value
  }

  /// A further argument, if it was passed and is not `null`.
  func argument(_ name: String) -> KerasArgument? {
    guard let argument = take(name), !argument.isNull else { return nil }
    return argument
  }

  /// A further argument that is a value of the model.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is anything else.
  func tensor(_ name: String) throws(ModelFileError) -> KerasValue? {
    guard let argument = argument(name) else { return nil }
    guard case .tensor(let reference) = argument else {
      throw Self.unfit(name, argument, expected: "a value of the model")
    }
    return try value(of: reference)
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

  /// A further argument that is `true` or `false`, as Python takes it.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is anything else.
  func truth(_ name: String) throws(ModelFileError) -> Bool {
    guard let argument = argument(name) else { return false }
    guard let truth = argument.constant?.pythonTruth else {
      throw Self.unfit(name, argument, expected: "true or false")
    }
    return truth
  }

  /// `training`, if it is told.
  func training() throws(ModelFileError) -> Bool? {
    guard call.labelled(parameters).contains(where: { $0.label == "training" && !$0.value.isNull })
    else { return nil }
    return try truth("training")
  }

  /// Refuses what nobody took up and what is not known to mean nothing.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` naming the argument.
  func refuseRest() throws(ModelFileError) {
    for (argument, left) in zip(call.labelled(parameters), ledger.left) {
      guard let leaf = left.first(where: { !MeaninglessArguments.contain(argument.label, $0) })
      else { continue }
      throw Self.unfit(argument.label, leaf, expected: nil)
    }
  }

  /// An argument that can't be computed with.
  static func unfit(
    _ name: String, _ argument: KerasArgument, expected: String?
  ) -> ModelFileError {
    ModelFileError(
      .unsupported, at: [.option(name)],
      "the layer is called with an argument that can't be taken up",
      expected: expected, found: argument.summary)
  }
}

/// What of a call's arguments nobody has taken up yet, in the order of ``KerasCall/labelled(_:)``.
private final class ArgumentLedger {
  private(set) var left: [[KerasArgument]]

  init(_ call: KerasCall) { left = call.labelled([]).map(\.value.leaves) }

  func take(_ index: Int) { left[index] = [] }

  /// Takes the values of the model and leaves the constants beside them.
  func takeTensors(_ index: Int) { left[index].removeAll { $0.constant == nil } }
}
