import FileSupport
import ModelGraph

/// The options that `[gru]` and `[lstm]` share, and their gates (`parser.c: parse_gru`, `parse_lstm`).
struct GatedParts {
  static let outputs = Option("output", 1)
  static let batchNormalize = Option("batch_normalize", 0)
  static let options = [outputs.description, batchNormalize.description]

  let outputs: Int
  let inputs: Int
  let isNormalized: Bool
  let timeSteps: Int

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    outputs = try options.value(Self.outputs, in: 1...Int(Int32.max))
    inputs = context.input.count
    isNormalized = options[Self.batchNormalize] != 0
    timeSteps = context.timeSteps
  }

  /// The halves of all gates in file order.
  func parts(_ layout: GateLayout) -> [DensePart] {
    layout.halves.flatMap { half in
      layout.gates.map { part(half, $0) }
    }
  }

  private func part(_ half: GateLayout.Half, _ gate: String) -> DensePart {
    // The layer applies its own σ to the sum of both halves.
    DensePart(
      name: half.prefix + gate, inputs: half.seesState ? outputs : inputs, outputs: outputs,
      activation: .linear, isNormalized: isNormalized)
  }

  /// A gate as the graph has it.
  func gate(_ name: String, _ layout: GateLayout, _ lowering: Lowering) -> RecurrentGate {
    func unit(seesState: Bool) -> DenseUnit {
      let prefix = layout.halves.first { $0.seesState == seesState }?.prefix ?? ""
      return part(GateLayout.Half(prefix: prefix, seesState: seesState), name).unit(lowering)
    }
    return RecurrentGate(ofState: unit(seesState: true), ofInput: unit(seesState: false))
  }

  /// The arrays of these parts.
  func arrays(_ layout: GateLayout) -> [StoredArray] {
    parts(layout).flatMap(\.arrays)
  }

  var summary: String { isNormalized ? "bn" : "" }
}

/// How the gates of a recurrent layer follow each other in a weights file, and what they are called.
struct GateLayout {
  /// One of the two matrices that each gate has.
  struct Half {
    /// What stands in front of the gate's letter.
    let prefix: String
    /// Whether it multiplies the state before, not the step's input.
    let seesState: Bool
  }

  /// All gates of the first half come before those of the second.
  let halves: [Half]
  /// The letters of the gates.
  let gates: [String]
}

/// `[gru]` (`gru_layer.c`): a gated recurrent unit.
struct GRU: ReadableLayer {
  static let type = "gru"
  static let operations: [any Operation.Type] = [GatedRecurrence.self]
  static let dialects: Set<Dialect> = .beforeHankAI
  static let tanh = Option("tanh", 0, in: .pjreddieOnly)
  static let options = GatedParts.options + [tanh.description]

  let output: LayerShape
  let parts: GatedParts
  let layout: GateLayout
  let usesTanh: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    parts = try GatedParts(options, context)
    layout = context.dialect.gruLayout
    usesTanh = options[Self.tanh] != 0
    // No image layer can follow: darknet leaves the extents at 0.
    output = LayerShape(channels: 0, height: 0, width: 0, count: parts.outputs)
  }

  var arrays: [StoredArray] { parts.arrays(layout) }
  var summary: String { parts.summary + (usesTanh ? " tanh" : "") }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let operation = GatedRecurrence(
      update: parts.gate("z", layout, lowering), reset: parts.gate("r", layout, lowering),
      candidate: parts.gate("h", layout, lowering),
      candidateActivation: usesTanh ? .tanh : .logistic, timeSteps: parts.timeSteps)
    lowering.finish(try lowering.add(operation, on: try lowering.vector()))
  }
}

/// `[lstm]` (`lstm_layer.c`): a long short-term memory.
struct LSTM: ReadableLayer {
  static let type = "lstm"
  static let operations: [any Operation.Type] = [LongShortTermMemory.self]
  static let options = GatedParts.options

  let output: LayerShape
  let parts: GatedParts
  let layout: GateLayout

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    parts = try GatedParts(options, context)
    layout = context.dialect.lstmLayout
    output = context.dialect.recurrentOutput(parts.outputs)
  }

  var arrays: [StoredArray] { parts.arrays(layout) }
  var summary: String { parts.summary }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let operation = LongShortTermMemory(
      forget: parts.gate("f", layout, lowering), input: parts.gate("i", layout, lowering),
      candidate: parts.gate("g", layout, lowering), output: parts.gate("o", layout, lowering),
      timeSteps: parts.timeSteps)
    lowering.finish(try lowering.add(operation, on: try lowering.vector()))
  }
}
