import FileSupport
import ModelGraph

extension KerasLayers {
  /// A recurrent layer: a cell, or several in a row, run along a sequence.
  struct RNN: KerasLayerClass {
    /// Keras's name of the class for any cells.
    static let className = "RNN"
    /// States and a mask may be passed behind the sequence.
    static let callParameters = ["sequences", "initial_state", "mask", "training"]
    /// The sequence and the states.
    static let inputParameterCount = 2
    /// Keras's names of the ones with a cell of their own.
    static let aliases = ["SimpleRNN", "GRU", "LSTM", "CuDNNGRU", "CuDNNLSTM"]
    let className: String
    /// The cells, the first fed by the input.
    let cells: [KerasCell]
    /// Whether every step's output is put out, or the last one only.
    let returnsSequences: Bool
    /// Whether the states follow the output.
    let returnsState: Bool
    /// Whether the sequence is run from its end.
    var goesBackwards: Bool
    /// Whether the output of a step that does not count is 0, rather than that of the step before.
    var zeroesMasked: Bool
    /// Whether Keras runs the steps without a loop, which means something for one case of masks alone.
    let unrolls: Bool
    /// The configuration as the file has it.
    let configuration: JSONObject
    private let owners: [[String]]
    private let cellsTrain: [Bool]
    /// The types that the cells of a layer for any cells compute in.
    private let cellPolicies: [KerasPolicy]

    /// Reads the cell and `return_sequences`, `return_state`, `go_backwards`.
    init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      returnsSequences = try configuration.truth("return_sequences", default: false)
      returnsState = try configuration.truth("return_state", default: false)
      goesBackwards = try configuration.truth("go_backwards", default: false)
      zeroesMasked = try configuration.truth("zero_output_for_mask", default: false)
      unrolls = try configuration.truth("unroll", default: false)
      guard try !configuration.truth("time_major", default: false) else {
        throw ModelFileError(
          .unsupported, at: [.option("time_major")], "time in front of the batch is not supported")
      }
      self.configuration = configuration.members
      if let kind = KerasCell.Kind(rawValue: className) {
        cells = [try KerasCell(kind, configuration)]
        owners = [["cell"]]
        cellsTrain = [true]
        cellPolicies = []
        return
      }
      if className.hasPrefix("CuDNN"),
        let kind = KerasCell.Kind(rawValue: String(className.dropFirst(5)))
      {
        cells = [try KerasCell(kind, configuration, isTurned: true)]
        owners = [[]]
        cellsTrain = [true]
        cellPolicies = []
        return
      }
      guard let cell = configuration.value("cell") else {
        throw configuration.wrong("cell", expected: "a cell")
      }
      let isStack = cell["class_name"]?.text == "StackedRNNCells"
      var cells: [KerasCell] = []
      var owners: [[String]] = []
      var cellsTrain: [Bool] = []
      var cellPolicies: [KerasPolicy] = []
      var seen: [String: Int] = [:]
      for inner in isStack ? cell["config"]?["cells"]?.elements ?? [] : [cell] {
        let name = inner["class_name"]?.text ?? ""
        guard name.hasSuffix("Cell"), let kind = KerasCell.Kind(rawValue: String(name.dropLast(4)))
        else { throw ModelFileError(.unsupported, "a cell of class '\(name)' is not supported") }
        let configuration = KerasConfiguration(
          className: name, members: inner["config"]?.object ?? [:])
        cells.append(try KerasCell(kind, configuration))
        try configuration.refuseRest()
        cellsTrain.append(try configuration.truth("trainable", default: true))
        cellPolicies.append(KerasPolicy(ofLayer: inner))
        let plain = KerasPath.snakeCase(name)
        let number = seen[plain, default: 0]
        seen[plain] = number + 1
        let place = number == 0 ? plain : "\(plain)_\(number)"
        owners.append(isStack ? ["cell", "cells", place] : ["cell"])
      }
      guard !cells.isEmpty else { throw configuration.wrong("cell", expected: "a cell") }
      self.cells = cells
      self.owners = owners
      self.cellsTrain = cellsTrain
      self.cellPolicies = cellPolicies
    }

    /// Those of the cells, which a layer of one kind hands its flag on to.
    var ownsVariables: Bool { className != Self.className }

    /// `[units]`, or `[steps, units]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.main()
      guard input.rank == 2, let units = cells.last?.units else {
        throw ModelFileError(
          .damaged, "takes a sequence", expected: "2 axes", found: "\(input)")
      }
      return returnsSequences ? [input.extents[0], units] : [units]
    }

    /// The output, and the states if they are asked for.
    func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
      let output = try outputShape(of: inputs)
      guard returnsState else { return [output] }
      return [output]
        + cells.flatMap { cell in
          [KerasShape](repeating: [cell.units], count: cell.stateCount)
        }
    }

    /// The cells' variables, one cell after the other.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      var width = try inputs.main().lastExtent()
      var forms: [KerasVariableForm] = []
      for ((cell, owner), trains) in zip(zip(cells, owners), cellsTrain) {
        forms += try cell.variables(width: width).map { $0.inside(owner, isTrainable: trains) }
        width = cell.units
      }
      return forms
    }
  }
}

/// A layer that runs along a sequence, and can run from its end.
protocol SequenceLayer: KerasLayerClass {
  /// Whether the sequence is run from its end.
  var goesBackwards: Bool { get set }
  /// Whether every step's output is put out, or the last one only.
  var returnsSequences: Bool { get }
  /// Whether the output of a step that does not count is 0, rather than that of the step before.
  var zeroesMasked: Bool { get set }
}

extension SequenceLayer {
  /// The same layer run in the other direction.
  var reversed: Self {
    var copy = self
    copy.goesBackwards.toggle()
    return copy
  }

  /// The same layer with 0 for steps that don't count, if it puts out all of them.
  var zeroingSteps: Self {
    var copy = self
    copy.zeroesMasked = returnsSequences
    return copy
  }
}

extension KerasLayers.RNN: SequenceLayer {
  /// The recurrence, and the states if they are asked for.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let shapes = call.inputs.map { KerasShape(context.shape($0)) }
    let outputs = try outputShapes(of: shapes)
    for policy in cellPolicies { try context.requireSameType(policy, of: self) }
    var lowered: [RecurrentCell] = []
    for cell in cells { lowered.append(try cell.lowered(at: &context)) }
    return try context.recurrence(
      of: lowered, call, outputs: outputs, goesBackwards: goesBackwards,
      returnsSequences: returnsSequences, returnsState: returnsState, zeroesMasked: zeroesMasked,
      unrolls: unrolls)
  }
}

extension LoweringContext {
  /// Adds a recurrence over a call's first input, whose other inputs are initial states.
  ///
  /// - Parameter outputs: the shapes of the layer's values: the output, then the states.
  mutating func recurrence(
    of cells: [RecurrentCell], _ call: LayerCall, outputs: [KerasShape], goesBackwards: Bool,
    returnsSequences: Bool, returnsState: Bool, zeroesMasked: Bool, unrolls: Bool
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let states = call.inputs.dropFirst().map(\.node)
    let given = try call.tensor("mask")?.node
    // Keras 3 hands a layer the mask of its input only if that is its only value (`layer.py: __call__`).
    let isHandedOn = generation < .third || states.isEmpty
    let mask = given ?? (isHandedOn ? input.mask : nil)
    if let mask, shape(KerasValue(mask)).rank != 1 {
      throw ModelFileError(
        .unsupported, at: [.option("mask")], "a mask of more than steps is not supported",
        expected: "an axis of steps", found: "\(shape(KerasValue(mask)))")
    }
    // Unrolled from the end, both Kerases put 0 where the step at the same distance from the beginning doesn't count
    // (`rnn.py: rnn`: `outputs` are in the order of the run, `mask` is in that of the sequence).
    let zeroesMirrored = unrolls && goesBackwards && zeroesMasked && returnsSequences
    let operation = Recurrence(
      cells: cells, goesBackwards: goesBackwards, returnsSequences: returnsSequences,
      includesStates: returnsState, hasMask: mask != nil,
      zeroesMasked: zeroesMasked && !zeroesMirrored,
      initialStates: states.count)
    let nodes = [input.node] + [mask].compactMap(\.self) + states
    let result = KerasValue(try add(operation, on: nodes))
    let outputMask = returnsSequences ? given ?? input.mask : nil
    // The values lie one behind the other.
    var start = 0
    var values: [KerasValue] = returnsState ? [] : [result]
    for shape in returnsState ? outputs : [] {
      let shape = try shape.closed()
      let part = try apply(
        Slice(axes: [Slice.Axis(start: start, count: shape.elementCount, step: 1)]), to: result)
      values.append(try reshaped(part, to: shape))
      start += shape.elementCount
    }
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
