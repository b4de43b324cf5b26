import FileSupport
import ModelGraph

extension KerasLayers {
  /// A long short-term memory whose products are convolutions, along a sequence of images.
  struct ConvolutionalLSTM: ReadOnlyLayerClass {
    static let className = "ConvLSTM2D"
    /// Keras's names for other numbers of axes.
    static let aliases = ["ConvLSTM1D", "ConvLSTM3D"]
    var className: String = Self.className
    /// The convolution of the input; that of the state has steps of 1 and keeps the extents.
    var convolution = Convolution(activation: KerasActivation("tanh"))
    /// The function applied to the gates.
    var gateActivation = KerasActivation("hard_sigmoid")
    private var dropout = RecurrentDropout()
    /// How the steps are run.
    var run = SequenceRun()
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .part(\.convolution, but: ["activation"]),
      .activation(\.convolution.activation),
      .activation(\.gateActivation, named: "recurrent_activation"), .part(\.dropout),
      .part(\.run), .meaningless("time_major") { $0.pythonTruth == false },
    ]

    /// Those of its cell.
    var ownsVariables: Bool { false }

    /// `[H′, W′, filters]`, behind the steps if all of them are put out.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try convolution.outputShape(of: [try step(of: inputs)])
      return run.returnsSequences ? KerasShape([inputs[0].extents[0]] + image.extents) : image
    }

    /// The output, and the two states if they are asked for.
    func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
      let image = try convolution.outputShape(of: [try step(of: inputs)])
      return [try outputShape(of: inputs)] + (run.returnsState ? [image, image] : [])
    }

    /// `kernel [h, w, in, 4 · filters]`, `recurrent_kernel [h, w, filters, 4 · filters]`,
    /// `bias [4 · filters]`
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let step = try step(of: inputs)
      let channels = try convolution.layout.channels(of: step).closed()
      let (filters, size) = (convolution.filters, convolution.kernelSize)
      let forms = [
        KerasVariableForm("kernel", Shape(size + [channels, 4 * filters]), .weights),
        KerasVariableForm("recurrent_kernel", Shape(size + [filters, 4 * filters]), .weights),
      ]
      let bias = [KerasVariableForm("bias", [4 * filters], .biases)]
      let state = { () throws(ModelFileError) in try convolution.outputShape(of: [step]) }
      try convolution.activation.refuseVariables(on: state)
      try gateActivation.refuseVariables("recurrent_activation", on: state)
      return (forms + (convolution.usesBias ? bias : [])).map { $0.inside(["cell"]) }
    }

    /// What one step takes.
    private func step(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.main()
      guard input.rank == convolution.kernelSize.count + 2 else {
        throw ModelFileError(.damaged, "takes a sequence of images", found: "\(input)")
      }
      return KerasShape(Array(input.extents.dropFirst()))
    }
  }
}

extension KerasLayers.ConvolutionalLSTM: SequenceLayer {
  /// The recurrence, and the states if they are asked for.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseTurnedKernels()
    try dropout.refuse(in: context)
    _ = try outputShapes(of: call.inputs.map { KerasShape(context.shape($0)) })
    let layout = convolution.layout
    try refuseRows(in: layout)
    var inputs = [try context.channelsLastSteps(try call.input(), from: layout)]
    for state in call.inputs.dropFirst() {
      inputs.append(try context.channelsLast(state, from: layout))
    }
    let image = Array(context.shape(inputs[0]).extents.dropFirst().dropLast())
    let window = try convolution.padding.window(
      over: image, size: convolution.kernelSize, strides: convolution.strides,
      dilation: convolution.dilationRate)
    let cell = RecurrentCell(
      kind: .longShortTerm, product: .convolution(input: window),
      kernel: try context.parameter("kernel").kernelsFirst,
      stateKernel: try context.parameter("recurrent_kernel").kernelsFirst,
      biases: convolution.usesBias ? try context.parameter("bias") : nil,
      activation: try context.function(of: convolution.activation),
      gateActivation: try context.function(of: gateActivation, "recurrent_activation"))
    let results = try context.recurrence(
      of: [cell], call.with(inputs), run)
    var values: [KerasValue] = []
    for (index, value) in results.enumerated() {
      let isSequence = index == 0 && run.returnsSequences
      let restored =
        isSequence
        ? try context.fromChannelsLastSteps(value, to: layout)
        : try context.fromChannelsLast(value, to: layout)
      values.append(KerasValue(restored.node, mask: value.mask))
    }
    return values
  }

  /// Refuses functions that go along the last axis where that is not the channels': the recurrence has them there.
  private func refuseRows(in layout: ImageLayout) throws(ModelFileError) {
    let functions = [
      ("activation", convolution.activation), ("recurrent_activation", gateActivation),
    ]
    guard layout == .channelsFirst,
      let (key, function) = functions.first(where: { !$1.isElementwise })
    else { return }
    throw ModelFileError(
      .unsupported, at: [.option(key)],
      "a function along the last axis, where the channels come first, is not supported here",
      found: "'\(function.name.escapedForTerminal)'")
  }
}

extension LoweringContext {
  /// A sequence of images with the channels last, wherever the layer has them.
  fileprivate mutating func channelsLastSteps(
    _ value: KerasValue, from layout: ImageLayout
  ) throws(ModelFileError) -> KerasValue {
    let rank = shape(value).rank
    guard layout == .channelsFirst, rank > 2 else { return value }
    return try apply(Transposition(order: [0] + Array(2..<rank) + [1]), to: value)
  }

  /// A sequence of images with the channels where the layer has them.
  fileprivate mutating func fromChannelsLastSteps(
    _ value: KerasValue, to layout: ImageLayout
  ) throws(ModelFileError) -> KerasValue {
    let rank = shape(value).rank
    guard layout == .channelsFirst, rank > 2 else { return value }
    return try apply(Transposition(order: [0, rank - 1] + Array(1..<(rank - 1))), to: value)
  }
}
