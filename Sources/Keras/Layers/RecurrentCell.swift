import FileSupport
import ModelGraph

/// A recurrent cell: what happens at one step.
struct KerasCell: KeyedConfiguration {
  /// The kinds of cells.
  enum Kind: String, CaseIterable, Sendable {
    /// One state.
    case simple = "SimpleRNN"
    /// Gates *z*, *r* and the candidate *h*.
    case gated = "GRU"
    /// Gates *i*, *f*, *o* and the candidate *c*.
    case longShortTerm = "LSTM"

    /// Matrices side by side in a kernel.
    var gates: [String] {
      switch self {
      case .simple: ["h"]
      case .gated: ["z", "r", "h"]
      case .longShortTerm: ["i", "c", "f", "o"]
      }
    }
  }

  /// What it is.
  var kind = Kind.simple
  /// Numbers in the state and in the output.
  var units = 0
  /// The function applied to the candidate.
  var activation = KerasActivation("tanh")
  /// The function applied to the gates.
  var gateActivation = KerasActivation("sigmoid")
  /// Whether there is a bias.
  var usesBias = true
  /// Whether a GRU's reset gate acts behind the product with the state, which then has a bias.
  var resetsAfter = false
  /// Whether the weights are Keras 1's: an array for each gate.
  var isFirstGeneration = false
  /// Whether the weights lie as one maker's hardware takes them: each gate's block of a kernel turned, and
  /// two biases for each gate (`tf_keras/src/saving/legacy/hdf5_format.py: _convert_rnn_weights`).
  var isTurned = false
  private var dropout = RecurrentDropout()

  /// Keras 1 and 2 had no `reset_after` and reset before; whoever has it writes it.
  static let keys: [KerasKey<Self>] = [
    .other(\.kind) { configuration throws(ModelFileError) in
      try kind(of: configuration.className)
    },
    .other(\.isTurned) { isTurned($0.className) }, .integer("units", \.units, .required),
    .activation(\.activation), .activation(\.gateActivation, named: "recurrent_activation"),
    .part(\.dropout), .truth("use_bias", \.usesBias).ofClasses { !isTurned($0) },
    .truth("reset_after", \.resetsAfter).ofClasses { !isTurned($0) },
    .other(\.isFirstGeneration) {
      $0.isFirstGeneration && $0.value("consume_less")?.text != "gpu"
    },
  ]

  /// What a cell is by the name of its class, or by that of a layer made of it.
  private static func kind(of name: String) throws(ModelFileError) -> Kind {
    let kind = Kind.allCases.first {
      [$0.rawValue, "\($0.rawValue)Cell", "CuDNN\($0.rawValue)"].contains(name)
    }
    guard let kind else {
      throw ModelFileError(.unsupported, "a cell of class '\(name)' is not supported")
    }
    return kind
  }

  static func isTurned(_ className: String) -> Bool { className.hasPrefix("CuDNN") }

  /// Keras's name of the states: how many values it keeps.
  var stateCount: Int { kind == .longShortTerm ? 2 : 1 }

  /// `kernel [in, gates · units]`, `recurrent_kernel [units, gates · units]`, `bias`.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if layers in place of the functions have variables.
  func variables(width: Int) throws(ModelFileError) -> [KerasVariableForm] {
    try activation.refuseVariables { [units] }
    try gateActivation.refuseVariables("recurrent_activation") { [units] }
    if isFirstGeneration {
      let order = gateOrder.compactMap { kind.gates.firstIndex(of: $0) }
      return kind.gates.flatMap { gate in
        [
          KerasVariableForm("W_\(gate)", [width, units], .weights)
            .kept(gate == kind.gates.first ? .gates(order) : nil),
          KerasVariableForm("U_\(gate)", [units, units], .weights),
          KerasVariableForm("b_\(gate)", [units], .biases),
        ]
      }
    }
    let all = kind.gates.count * units
    let bias: Shape = isTurned ? [2 * all] : kind == .gated && resetsAfter ? [2, all] : [all]
    return [
      KerasVariableForm("kernel", [width, all], .weights),
      KerasVariableForm("recurrent_kernel", [units, all], .weights),
    ] + (usesBias ? [KerasVariableForm("bias", bias, .biases)] : [])
  }
}

extension KerasCell {
  /// The cell of the graph; takes the cell's variables.
  func lowered(at context: inout LoweringContext) throws(ModelFileError) -> RecurrentCell {
    try dropout.refuse(in: context)
    let function = try context.function(of: activation)
    let gateFunction = try context.function(of: gateActivation, "recurrent_activation")
    if isFirstGeneration {
      let (kernel, state, bias) = try joinedGates(at: &context)
      return RecurrentCell(
        kind: graphKind, kernel: kernel, stateKernel: state, biases: bias, activation: function,
        gateActivation: gateFunction)
    }
    if isTurned { return try turned(function, gateFunction, at: &context) }
    let kernel = try context.parameter("kernel").permuted([1, 0])
    let state = try context.parameter("recurrent_kernel").permuted([1, 0])
    var bias: Parameter?
    var stateBias: Parameter?
    if usesBias {
      bias = try context.parameter("bias")
      if let both = bias, both.shape.rank == 2 {
        // That of the product with the state stands in a row of its own.
        bias = both.row(0)
        stateBias = both.row(1)
      }
    }
    return RecurrentCell(
      kind: graphKind, kernel: kernel, stateKernel: state, biases: bias, stateBiases: stateBias,
      activation: function, gateActivation: gateFunction)
  }

  /// The cell of weights that lie as one maker's hardware takes them: the numbers of a gate's block, in
  /// their stored order, are the rows of its matrix.
  private func turned(
    _ function: ActivationFunction, _ gateFunction: ActivationFunction,
    at context: inout LoweringContext
  ) throws(ModelFileError) -> RecurrentCell {
    let count = kind.gates.count
    let kernels = try ["kernel", "recurrent_kernel"].map { (name) throws(ModelFileError) in
      let stored = try context.parameter(name)
      let width = stored.shape.extents[0]
      return stored.asStored([width, count, units]).permuted([1, 0, 2])
        .reshaped(to: [count * units, width])
    }
    let biases = try context.parameter("bias").asStored([2, count * units])
    guard biases.elementType == .float32 else {
      throw ModelFileError(
        .unsupported, at: [.array(biases.name)], "biases of this type are not supported here",
        expected: "float32", found: "\(biases.elementType)")
    }
    let isGated = kind == .gated
    return RecurrentCell(
      kind: graphKind, kernel: kernels[0], stateKernel: kernels[1],
      biases: isGated ? biases.row(0) : biases.sumOfRows,
      stateBiases: isGated ? biases.row(1) : nil,
      activation: function, gateActivation: gateFunction)
  }

  private var graphKind: RecurrentCell.Kind {
    switch kind {
    case .simple: .simple
    case .gated: .gated(resetsAfter: resetsAfter || isTurned)
    case .longShortTerm: .longShortTerm
    }
  }

  /// The gates in the order of Keras 2.
  private var gateOrder: [String] {
    kind == .longShortTerm ? ["i", "f", "c", "o"] : kind.gates
  }

  /// The arrays that Keras 1 keeps for each gate, as one for all in the order of Keras 2.
  private func joinedGates(
    at context: inout LoweringContext
  ) throws(ModelFileError) -> (kernel: Parameter, state: Parameter, bias: Parameter) {
    var found: [String: [Parameter]] = [:]
    for gate in kind.gates {
      found[gate] = [
        try context.parameter("W_\(gate)"), try context.parameter("U_\(gate)"),
        try context.parameter("b_\(gate)"),
      ]
    }
    let stacked = try Parameter.stacked(gates: gateOrder.compactMap { found[$0] })
    let all = kind.gates.count * units
    let width = stacked[0].shape.extents[1]
    return (
      kernel: stacked[0].permuted([0, 2, 1]).reshaped(to: [all, width]),
      state: stacked[1].permuted([0, 2, 1]).reshaped(to: [all, units]),
      bias: stacked[2].reshaped(to: [all])
    )
  }
}

/// How much of the input and of the state is dropped in training.
struct RecurrentDropout: KeyedConfiguration {
  private var input = 0.0
  private var state = 0.0

  static let keys: [KerasKey<Self>] = [
    .number("dropout", \.input), .number("recurrent_dropout", \.state), .meaninglessInRecurrence,
  ]

  /// Refuses it where it drops.
  func refuse(in context: LoweringContext) throws(ModelFileError) {
    try context.refuseChance("dropout", input)
    try context.refuseChance("recurrent_dropout", state)
  }
}

extension KerasKey {
  /// Ways to compute the same, and what matters in training alone.
  static var meaninglessInRecurrence: KerasKey {
    .meaningless(
      "implementation", "consume_less", "use_cudnn", "unit_forget_bias", "dropout_W", "dropout_U")
  }
}
