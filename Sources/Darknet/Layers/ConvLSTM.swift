import FileSupport
import ModelGraph

/// `[conv_lstm]` (`conv_lstm_layer.c`): a long short-term memory of images.
///
/// AlexeyAB's CPU code leaves `bottleneck`, `lstm_activation` and `shortcut` out; here they do what his
/// GPU code does.
struct ConvLSTMLayer: ReadableLayer {
  static let type = "conv_lstm"
  static let operations: [any Operation.Type] = [ConvLSTM.self]
  static let dialects: Set<Dialect> = [.alexeyab]
  static let outputs = Option("output", 1)
  static let activation = Option("activation", "linear")
  static let lstmActivation = Option("lstm_activation", "tanh")
  static let peephole = Option("peephole", 0)
  static let bottleneck = Option("bottleneck", 0)
  static let shortcut = Option("shortcut", 0)
  /// The default is 32 for each time step.
  static let stateConstrain = Option("state_constrain", 32)
  static let options =
    [
      outputs.description, activation.description, lstmActivation.description,
      peephole.description, bottleneck.description, shortcut.description,
      stateConstrain.description,
    ] + ConvolutionPart.options + trainingOptions("time_normalizer")

  let output: LayerShape
  let arrays: [StoredArray]
  let peepholes: [ConvolutionPart]
  let recurrence: [ConvolutionPart]
  let input: [ConvolutionPart]
  let cellActivation: ActivationName
  let hasBottleneck: Bool
  let addsBottleneck: Bool
  let stateLimit: Int
  let timeSteps: Int

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let image = try context.image(options)
    let filters = try options.value(Self.outputs, in: 1...Int(Int32.max))
    let form = try ConvolutionPart.Form(options, activation: Self.activation)
    let extents = try form.geometry.outputExtents(
      of: image, strides: form.geometry.strides, options)
    output = LayerShape(channels: filters, height: extents[0], width: extents[1])
    cellActivation = options.activation(Self.lstmActivation)
    hasBottleneck = options[Self.bottleneck] != 0
    addsBottleneck = hasBottleneck && options[Self.shortcut] != 0
    timeSteps = context.timeSteps
    stateLimit =
      options.value(of: Self.stateConstrain) ?? timeSteps * Self.stateConstrain.defaultValue

    func parts(_ names: [String], channels: Int) throws(ModelFileError) -> [ConvolutionPart] {
      var result: [ConvolutionPart] = []
      for name in names {
        result.append(
          try ConvolutionPart(name, channels: channels, filters: filters, form, options))
      }
      return result
    }
    peepholes =
      options[Self.peephole] != 0 ? try parts(["vf", "vi", "vo"], channels: filters) : []
    recurrence =
      hasBottleneck
      ? try parts(["wf"], channels: 2 * filters)
      : try parts(["wf", "wi", "wg", "wo"], channels: filters)
    input = try parts(["uf", "ui", "ug", "uo"], channels: image.channels)
    arrays = (peepholes + recurrence + input).flatMap(\.arrays)
  }

  var summary: String {
    let form = input[0].form
    let size = form.geometry.size
    return "\(size)×\(size)\(form.isNormalized ? " bn" : "")"
      + (peepholes.isEmpty ? "" : " peephole") + (hasBottleneck ? " bottleneck" : "")
      + (form.activation == .linear ? "" : " \(form.activation.rawValue)")
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let image = lowering.layer.input
    guard input[0].form.geometry.keepsExtents, output.height == image.height,
      output.width == image.width
    else {
      throw lowering.unsupported(
        "this recurrent convolution changes the size of its state",
        option: ConvolutionPart.size.key)
    }
    guard !hasBottleneck || image.channels == output.channels else {
      throw lowering.unsupported(
        "the bottleneck joins different numbers of channels", option: Self.bottleneck.key)
    }
    let operation = ConvLSTM(
      input: try gates(input, lowering),
      recurrence: hasBottleneck
        ? .bottleneck(try recurrence[0].unit(lowering))
        : .gates(try gates(recurrence, lowering)),
      peepholes: peepholes.isEmpty
        ? nil
        : ConvLSTM.Peepholes(
          forget: try peepholes[0].unit(lowering), input: try peepholes[1].unit(lowering),
          output: try peepholes[2].unit(lowering)),
      cellActivation: cellActivation.function,
      stateLimit: stateLimit == 0 ? nil : Double(stateLimit), addsBottleneck: addsBottleneck,
      timeSteps: timeSteps)
    lowering.finish(try lowering.add(operation, on: try lowering.image()))
  }

  /// Four parts in the order f, i, g, o.
  private func gates(
    _ parts: [ConvolutionPart], _ lowering: Lowering
  ) throws(ModelFileError) -> ConvLSTM.Gates {
    ConvLSTM.Gates(
      forget: try parts[0].unit(lowering), input: try parts[1].unit(lowering),
      candidate: try parts[2].unit(lowering), output: try parts[3].unit(lowering))
  }
}

/// `[history]` (`conv_lstm_layer.c: make_history_layer`): the last frames side by side.
struct HistoryLayer: ReadableLayer {
  static let type = "history"
  static let operations: [any Operation.Type] = [History.self]
  static let dialects: Set<Dialect> = [.alexeyab]
  static let size = Option("history_size", 4)
  static let options = [size.description]

  let output: LayerShape
  let frames: Int
  let timeSteps: Int

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let image = try context.image(options)
    frames = try options.value(Self.size, in: 1...Int(Int32.max))
    timeSteps = context.timeSteps
    output = LayerShape(
      channels: image.channels * frames, height: image.height, width: image.width)
  }

  var summary: String { "\(frames) frames" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(
      try lowering.add(
        History(frames: frames, timeSteps: timeSteps), on: try lowering.image()))
  }
}
