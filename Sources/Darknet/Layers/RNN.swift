import FileSupport
import ModelGraph

/// `[rnn]` (`rnn_layer.c`): a plain recurrent layer of three connected ones.
struct RNN: ReadableLayer {
  static let type = "rnn"
  static let operations: [any Operation.Type] = [SimpleRecurrence<FullyConnected>.self]
  static let outputs = Option("output", 1)
  /// pjreddie's has as many hidden values as outputs.
  static let hidden = Option("hidden", 1, in: .alexeyAndLater)
  static let activation = Option("activation", "logistic")
  static let batchNormalize = Option("batch_normalize", 0)
  static let logistic = Option("logistic", 0, in: .alexeyAndLater)
  static let shortcut = Option("shortcut", 0)
  static let options = [
    outputs.description, hidden.description, activation.description, batchNormalize.description,
    logistic.description, shortcut.description,
  ]

  let output: LayerShape
  let arrays: [StoredArray]
  let input: DensePart
  let recurrence: DensePart
  let result: DensePart
  let keepsState: Bool
  let timeSteps: Int

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let range = 1...Int(Int32.max)
    let outputs = try options.value(Self.outputs, in: range)
    let hidden =
      Self.hidden.dialects.contains(context.dialect)
      ? try options.value(Self.hidden, in: range) : outputs
    let activation = options.activation(Self.activation)
    let isNormalized = options[Self.batchNormalize] != 0
    let ownActivation: ActivationName =
      switch options[Self.logistic] {
      case 1: .logistic
      case 2: .loggy
      default: activation
      }
    input = DensePart(
      name: "input", inputs: context.input.count, outputs: hidden, activation: activation,
      isNormalized: isNormalized)
    recurrence = DensePart(
      name: "self", inputs: hidden, outputs: hidden, activation: ownActivation,
      isNormalized: isNormalized)
    result = DensePart(
      name: "output", inputs: hidden, outputs: outputs, activation: activation,
      isNormalized: isNormalized)
    keepsState = options[Self.shortcut] != 0
    timeSteps = context.timeSteps
    output = context.dialect.recurrentOutput(outputs)
    arrays = [input, recurrence, result].flatMap(\.arrays)
  }

  var summary: String {
    "hidden \(input.outputs)\(input.isNormalized ? " bn" : "") \(input.activation.rawValue)"
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let operation = SimpleRecurrence(
      input: input.unit(lowering), recurrence: recurrence.unit(lowering),
      output: result.unit(lowering), keepsState: keepsState, timeSteps: timeSteps)
    lowering.finish(try lowering.add(operation, on: try lowering.vector()))
  }
}
