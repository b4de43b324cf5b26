import FileSupport
import ModelGraph

extension KerasLayers {
  /// A recurrent layer: a cell, or several in a row, run along a sequence.
  struct RNN: ReadOnlyLayerClass {
    /// Keras's name of the class for any cells.
    static let className = "RNN"
    /// Keras's names of the ones with a cell of their own.
    static let aliases = ["SimpleRNN", "GRU", "LSTM", "CuDNNGRU", "CuDNNLSTM"]
    var className: String = Self.className
    /// The cells, the first fed by the input.
    private var cells = [PlacedCell()]
    /// How the steps are run.
    var run = SequenceRun()
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .part(\.cells[0]).ofClasses { $0 != className },
      .other(\.cells, of: "cell") { configuration throws(ModelFileError) in
        try configuration.cells()
      }.ofClasses { $0 == className },
      .part(\.run), .unsupported("time_major", "time in front of the batch is not supported"),
    ]

    /// Those of the cells, which a layer of one kind hands its flag on to.
    var ownsVariables: Bool { className != Self.className }

    /// `[units]`, or `[steps, units]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.main()
      guard input.rank == 2, let units = cells.last?.cell.units else {
        throw ModelFileError(
          .damaged, "takes a sequence", expected: "2 axes", found: "\(input)")
      }
      return run.returnsSequences ? [input.extents[0], units] : [units]
    }

    /// The output, and the states if they are asked for.
    func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
      let output = try outputShape(of: inputs)
      guard run.returnsState else { return [output] }
      return [output]
        + cells.map(\.cell).flatMap { cell in
          [KerasShape](repeating: [cell.units], count: cell.stateCount)
        }
    }

    /// The cells' variables, one cell after the other.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      var width = try inputs.main().lastExtent()
      var forms: [KerasVariableForm] = []
      for placed in cells {
        forms += try placed.cell.variables(width: width).map {
          $0.inside(placed.owner, prefix: placed.prefix, isTrainable: placed.trains)
        }
        width = placed.cell.units
      }
      return forms
    }
  }
}

/// A cell in a recurrent layer.
private struct PlacedCell: KeyedConfiguration {
  var cell = KerasCell()
  /// Where Keras 3's layout has its variables.
  var owner = ["cell"]
  /// What its variables' names begin with: among those of other cells they need one.
  var prefix: String?
  var trains = true
  /// The type that it computes in; the layer's if `nil`.
  var policy: KerasPolicy?

  static let keys: [KerasKey<Self>] = [
    .part(\.cell), .other(\.owner) { KerasCell.isTurned($0.className) ? [] : ["cell"] },
  ]
}

extension KerasConfiguration {
  /// The `cell` of a layer for any, or those in a row that it stands for.
  fileprivate func cells() throws(ModelFileError) -> [PlacedCell] {
    guard let cell = value("cell") else { throw wrong("cell", expected: "a cell") }
    let isStack = cell["class_name"]?.text == "StackedRNNCells"
    var cells: [PlacedCell] = []
    var seen: [String: Int] = [:]
    for inner in isStack ? cell["config"]?["cells"]?.elements ?? [] : [cell] {
      let name = inner["class_name"]?.text ?? ""
      guard name.hasSuffix("Cell") else {
        throw ModelFileError(.unsupported, "a cell of class '\(name)' is not supported")
      }
      let configuration = KerasConfiguration(
        className: name, members: inner["config"]?.object ?? [:])
      let plain = KerasPath.snakeCase(name)
      let number = seen[plain, default: 0]
      seen[plain] = number + 1
      let place = number == 0 ? plain : "\(plain)_\(number)"
      cells.append(
        PlacedCell(
          cell: try KerasCell(configuration), owner: isStack ? ["cell", "cells", place] : ["cell"],
          prefix: isStack ? place : nil,
          trains: try configuration.truth("trainable", default: true),
          policy: KerasPolicy(ofLayer: inner)))
      try configuration.refuseRest()
    }
    guard !cells.isEmpty else { throw wrong("cell", expected: "a cell") }
    return cells
  }
}

/// How a layer runs along a sequence.
struct SequenceRun: KeyedConfiguration {
  /// Whether every step's output is put out, or the last one only.
  var returnsSequences = false
  /// Whether the states follow the output.
  var returnsState = false
  /// Whether the sequence is run from its end.
  var goesBackwards = false
  /// Whether the output of a step that does not count is 0, rather than that of the step before.
  var zeroesMasked = false
  /// Whether Keras runs the steps without a loop, which means something for one case of masks alone.
  var unrolls = false

  static let keys: [KerasKey<Self>] = [
    .truth("return_sequences", \.returnsSequences), .truth("return_state", \.returnsState),
    .truth("go_backwards", \.goesBackwards), .truth("zero_output_for_mask", \.zeroesMasked),
    .truth("unroll", \.unrolls), .meaninglessInRecurrence,
  ]

  /// The same in the other direction.
  var reversed: SequenceRun {
    var copy = self
    copy.goesBackwards.toggle()
    return copy
  }
}

/// A layer that runs along a sequence, and can run from its end.
protocol SequenceLayer: KerasLayerClass {
  /// How it does.
  var run: SequenceRun { get set }
}

extension SequenceLayer {
  /// States and a mask may be passed behind the sequence.
  static var callParameters: [String] { ["sequences", "initial_state", "mask", "training"] }

  /// The sequence and the states.
  static var inputParameterCount: Int { 2 }

  /// The same layer run in the other direction.
  var reversed: Self {
    var copy = self
    copy.run = run.reversed
    return copy
  }

  /// The same layer with 0 for steps that don't count, if it puts out all of them.
  var zeroingSteps: Self {
    var copy = self
    copy.run.zeroesMasked = run.returnsSequences
    return copy
  }
}

extension KerasLayers.RNN: SequenceLayer {
  /// The recurrence, and the states if they are asked for.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let shapes = call.inputs.map { KerasShape(context.shape($0)) }
    _ = try outputShapes(of: shapes)
    for case let policy? in cells.map(\.policy) { try context.requireSameType(policy, of: self) }
    var lowered: [RecurrentCell] = []
    for placed in cells { lowered.append(try placed.cell.lowered(at: &context)) }
    return try context.recurrence(of: lowered, call, run)
  }
}

extension LoweringContext {
  /// Adds a recurrence over a call's first input, whose other inputs are initial states.
  mutating func recurrence(
    of cells: [RecurrentCell], _ call: LayerCall, _ run: SequenceRun
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let states = call.inputs.dropFirst().map(\.node)
    let given = try call.tensor("mask")?.node
    // Keras 3 hands a layer the mask of its input only if that is its only value (`layer.py: __call__`).
    let isHandedOn = generation < .third || states.isEmpty
    let mask = given ?? (isHandedOn ? input.mask : nil)
    if let mask { try requireSteps(of: mask) }
    let stateCount = cells.reduce(0) { $0 + $1.kind.states }
    guard states.isEmpty || states.count == stateCount else {
      throw ModelFileError(
        .unsupported, at: [.option("initial_state")],
        "another number of initial states than the layer has is not supported",
        expected: "\(stateCount)", found: "\(states.count)")
    }
    // Unrolled from the end, both Kerases put 0 where the step at the same distance from the beginning doesn't count
    // (`rnn.py: rnn`: `outputs` are in the order of the run, `mask` is in that of the sequence).
    let zeroesMirrored =
      run.unrolls && run.goesBackwards && run.zeroesMasked && run.returnsSequences
    let operation = Recurrence(
      cells: cells, goesBackwards: run.goesBackwards, returnsSequences: run.returnsSequences,
      hasMask: mask != nil, zeroesMasked: run.zeroesMasked && !zeroesMirrored,
      initialStates: states.count)
    let nodes = [input.node] + [mask].compactMap(\.self) + states
    let outputMask = run.returnsSequences ? given ?? input.mask : nil
    let results =
      run.returnsState ? try addAll(operation, on: nodes) : [try add(operation, on: nodes)]
    var values = results.map { KerasValue($0) }
    if zeroesMirrored, let mask {
      let steps = shape(values[0]).extents
      let kept = try reshaped(
        KerasValue(mask), to: Shape(steps.prefix(1) + steps.dropFirst().map { _ in 1 }))
      values[0] = try combine(.product, [values[0], kept])
    }
    values[0].mask = outputMask
    return values
  }
}
