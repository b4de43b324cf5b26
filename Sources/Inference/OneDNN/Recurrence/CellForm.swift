import FileSupport
import ModelGraph

/// A cell of a recurrent layer with its numbers, whichever layer it is of.
///
/// A gate is `σ(u(W x + b) + v(U h + b′))`, *u* and *v* being the functions of its kernels. What the gates are of is
/// told by the formula; their order is that of ``RecurrentCell``.
struct CellForm {
  enum Formula: Sendable, Equatable {
    /// `h(t)` is the gate, to which h(t−1) is added if it is kept.
    case simple(keepsState: Bool)
    /// As ``RecurrentCell/Kind-swift.enum/gated(resetsAfter:)``; the candidate's kernels have no functions.
    case gated(resetsAfter: Bool)
    /// As ``RecurrentCell/Kind-swift.enum/longShortTerm``; then *c* is cut to −stateLimit … stateLimit.
    case longShortTerm(stateLimit: Float?)
  }

  let formula: Formula
  let units: Int
  /// *W*, *b* and *u*
  let input: GateKernels
  /// *U*, *b′* and *v*
  let state: GateKernels
  /// σ of the candidate, of *c*, and of a simple cell.
  let activation: ActivationFunction
  /// σ of the other gates.
  let gateActivation: ActivationFunction

  /// Gates that have one function stand side by side, so that it is a post-operation of their product.
  var blocks: [[Int]] {
    switch formula {
    case .simple: [[0]]
    case .gated: [[0, 1], [2]]
    case .longShortTerm: [[0, 1, 3], [2]]
    }
  }

  /// The function of a block: the last one's is the activation.
  func function(ofBlock block: Int) -> GateFunction {
    GateFunction(block == blocks.count - 1 ? activation : gateActivation, units: units)
  }
}

extension CellForm {
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  init(_ cell: RecurrentCell, _ builder: PlanBuilder) throws(ModelFileError) {
    var window: Window?
    if case .convolution(let moves) = cell.product { window = moves }
    let (gates, units) = (cell.kind.gates, cell.units)
    formula =
      switch cell.kind {
      case .simple: .simple(keepsState: false)
      case .gated(let resetsAfter): .gated(resetsAfter: resetsAfter)
      case .longShortTerm: .longShortTerm(stateLimit: nil)
      }
    self.units = units
    input = try GateKernels(
      cell.kernel, cell.biases, window: window, gates: gates, units: units, builder)
    state = try GateKernels(
      cell.stateKernel, cell.stateBiases, window: cell.stateWindow, gates: gates, units: units,
      builder)
    activation = cell.activation
    gateActivation = cell.gateActivation
  }

  /// A cell of units, one of each half for each gate.
  ///
  /// - Returns: `nil` for what is left to the reference engine (``GateKernels``).
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  init?<Product: GateProduct>(
    _ formula: Formula, input: [RecurrentUnit<Product>], state: [RecurrentUnit<Product>],
    activation: ActivationFunction, gateActivation: ActivationFunction = .logistic,
    _ builder: PlanBuilder
  ) throws(ModelFileError) {
    guard let input = try GateKernels(input, builder), let state = try GateKernels(state, builder)
    else { return nil }
    // r · h̃ and (r · h) are of sums without functions.
    if case .gated = formula, !input.function.isLinear || !state.function.isLinear { return nil }
    self.formula = formula
    units = input.weights[0].count / input.extents.reduce(1, *)
    self.input = input
    self.state = state
    self.activation = activation
    self.gateActivation = gateActivation
  }
}
