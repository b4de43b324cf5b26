import FileSupport

/// What a ``Recurrence`` computes in one step: new states out of the step's input and the states before.
///
/// *x* is the input of the step, *h* the output of the step before; *W* is the kernel, *U* the state
/// kernel, *b* and *b′* are the biases. σ is the activation, σ_g that of the gates. An index names the
/// rows of a gate.
///
/// ```
/// simple                   h(t) = σ(W x + b + U h)
/// gated                    z = σ_g(W_z x + b_z + U_z h)      r = σ_g(W_r x + b_r + U_r h)
///   if not resetsAfter     h̃ = σ(W_h x + b_h + U_h (r · h))
///   if resetsAfter         U_k h + b′_k for each product with the state, h̃ = σ(W_h x + b_h + r · (U_h h + b′_h))
///                          h(t) = z · h + (1 − z) · h̃
/// longShortTerm            i, f, o = σ_g(W x + b + U h)
///                          c(t) = f · c + i · σ(W_c x + b_c + U_c h)
///                          h(t) = o · σ(c(t))
/// ```
///
/// The output is `h(t)`. (Keras's `layers/rnn/simple_rnn.py`, `gru.py`, `lstm.py`, `conv_lstm.py`.)
public struct RecurrentCell: Sendable {
  /// The formula.
  public enum Kind: Sendable, Hashable {
    /// One product and its function.
    case simple
    /// A gated recurrent unit; with `resetsAfter` *r* is applied to the product with the state, else to the
    /// state.
    case gated(resetsAfter: Bool)
    /// A long short-term memory, which has a second state *c*.
    case longShortTerm

    /// The products of a step: those of `z, r, h`, or `i, f, c, o`, or of `h`, in the order of the kernels'
    /// rows.
    public var gates: Int {
      switch self {
      case .simple: 1
      case .gated: 3
      case .longShortTerm: 4
      }
    }

    /// The states: *h*, or *h* and *c*.
    public var states: Int { self == .longShortTerm ? 2 : 1 }
  }

  /// How kernels are multiplied.
  public enum Product: Sendable, Equatable {
    /// As matrices: a step's value is a vector.
    case matrix
    /// As convolutions, for a `longShortTerm` only: a step's value is an image. The input's kernel moves as
    /// the window says; the state's moves cell by cell, without holes, and keeps the extents.
    case convolution(input: Window)
  }

  /// The formula.
  public let kind: Kind
  /// How kernels are multiplied.
  public let product: Product
  /// *W*, `[gates · units, in]` or `[gates · units, in, k…]`.
  public let kernel: Parameter
  /// *U*, `[gates · units, units]` or `[gates · units, units, k…]`.
  public let stateKernel: Parameter
  /// *b*, `[gates · units]`.
  public let biases: Parameter?
  /// *b′*, `[gates · units]`, of `gated(resetsAfter: true)` only.
  public let stateBiases: Parameter?
  /// σ; of the units of one cell of the image if it is not a function of one number.
  public let activation: ActivationFunction
  /// σ_g, which a `simple` cell doesn't use.
  public let gateActivation: ActivationFunction

  /// A cell.
  public init(
    kind: Kind, product: Product = .matrix, kernel: Parameter, stateKernel: Parameter,
    biases: Parameter?, stateBiases: Parameter? = nil, activation: ActivationFunction,
    gateActivation: ActivationFunction
  ) {
    self.kind = kind
    self.product = product
    self.kernel = kernel
    self.stateKernel = stateKernel
    self.biases = biases
    self.stateBiases = stateBiases
    self.activation = activation
    self.gateActivation = gateActivation
  }

  /// Numbers of a state, for each cell of an image; 0 where the kernel has no axes.
  public var units: Int { (kernel.shape.extents.first ?? 0) / kind.gates }

  /// How the state's kernel moves: cell by cell, as many cells being put around the state as it needs to
  /// keep its extents, the odd one behind it. `nil` for matrices.
  public var stateWindow: Window? {
    guard case .convolution = product else { return nil }
    let size = Array(stateKernel.shape.extents.dropFirst(2))
    return Window(
      size: size, strides: size.map { _ in 1 },
      padding: size.map { Padding(before: ($0 - 1) / 2, after: $0 / 2) })
  }

  /// The shape of a state, and of the output.
  ///
  /// - Parameters:
  ///   - input: the shape of a step's value: `[in]`, or an image.
  ///   - layout: where an image's channels stand.
  /// - Throws: `ModelFileError` of kind `damaged` if the parameters don't fit each other or the input.
  public func stateShape(
    of input: Shape, layout: ImageLayout
  ) throws(ModelFileError) -> Shape {
    var axes = 0
    if case .convolution(let window) = product {
      axes = window.size.count
      try require(
        kind == .longShortTerm, "a recurrent cell of this kind has convolutions",
        expected: "a long short-term memory", found: "\(kind)")
      try require(
        axes > 0 && Array(kernel.shape.extents.dropFirst(2)) == window.size,
        "the kernel of a recurrent cell has other extents than its window",
        expected: "\(window.size)", found: "\(kernel.shape)")
    }
    try require(
      input.rank == 1 + axes, "a step of the recurrence has another number of axes",
      expected: "\(1 + axes)", found: "\(input)")
    try checkParameters(channels: layout.channels(of: input), axes: axes)
    guard case .convolution(let window) = product else { return [units] }
    return layout.shape(
      channels: units, spatial: try window.outputExtents(of: layout.spatial(of: input)))
  }

  /// Holds the shapes of the parameters against each other.
  private func checkParameters(channels: Int, axes: Int) throws(ModelFileError) {
    let rows = kernel.shape.extents.first ?? 0
    try require(
      units > 0 && rows == units * kind.gates && kernel.shape.rank == 2 + axes
        && kernel.shape.extents[1] == channels,
      "the kernel of a recurrent cell does not fit its input",
      expected: "[\(kind.gates) · units, \(channels)\(axes > 0 ? ", k…" : "")]",
      found: "\(kernel.shape)")
    try require(
      stateKernel.shape.rank == 2 + axes && stateKernel.shape.extents[0] == rows
        && stateKernel.shape.extents[1] == units
        && stateKernel.shape.extents.dropFirst(2).allSatisfy { $0 > 0 },
      "the state kernel of a recurrent cell does not fit its kernel",
      expected: "[\(rows), \(units)\(axes > 0 ? ", k…" : "")]", found: "\(stateKernel.shape)")
    for offsets in [biases, stateBiases].compactMap(\.self) {
      try require(
        offsets.shape == [rows], "the biases of a recurrent cell don't fit its kernel",
        expected: "[\(rows)]", found: "\(offsets.shape)")
    }
    try require(
      stateBiases == nil || kind == .gated(resetsAfter: true),
      "a recurrent cell has biases of its state", expected: "none in a cell of this kind",
      found: "\(rows)")
  }

  private func require(
    _ isTrue: Bool, _ summary: String, expected: @autoclosure () -> String,
    found: @autoclosure () -> String
  ) throws(ModelFileError) {
    guard isTrue else {
      throw ModelFileError(.damaged, summary, expected: expected(), found: found())
    }
  }

  /// One product for each place and each weight of both kernels, for one step.
  func multiplyAdds(state: Shape) -> Int {
    let places = state.elementCount / max(units, 1)
    return kernel.shape.elementCount.clampedSum(stateKernel.shape.elementCount)
      .clampedProduct(places)
  }

  /// Both kernels, then the biases.
  public var parameters: [Parameter] {
    [kernel, stateKernel] + [biases, stateBiases].compactMap(\.self)
  }
}
