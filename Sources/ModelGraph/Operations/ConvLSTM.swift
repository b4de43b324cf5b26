import FileSupport

/// A long short-term memory of images (darknet's `conv_lstm_layer.c`).
///
/// All units are convolutions with their own σ (`activation`); `∗` stands for one of them. σ is the
/// logistic function, φ is `cellActivation`, `[…]` is there with peepholes only.
///
/// ```
/// f = σ(Wf ∗ h(t−1) + Uf ∗ x(t) [+ Vf ∗ c(t−1)])
/// i = σ(Wi ∗ h(t−1) + Ui ∗ x(t) [+ Vi ∗ c(t−1)])
/// g = φ(Wg ∗ h(t−1) + Ug ∗ x(t))
/// c = f · c(t−1) + i · g
/// o = σ(Wo ∗ h(t−1) + Uo ∗ x(t) [+ Vo ∗ c])
/// y(t) = h(t) = o · φ(c)
/// c(t) = c cut to −stateLimit … stateLimit, after h(t) was computed
/// ```
///
/// With a bottleneck the state and the input are mixed first, and the *W* terms are left out:
///
/// ```
/// b = φ(B ∗ [h(t−1), x(t)])      channels of the state first
/// f = σ(Uf ∗ b [+ Vf ∗ c(t−1)])  and so on: U sees b in place of x(t)
/// y(t) = h(t) + b on the first half of the values, if addsBottleneck; h(t) itself is not changed
/// ```
public struct ConvLSTM: RecurrentOperation {
  /// With the letters in one word.
  public static let caption = "convolutional LSTM"

  /// A convolution for each of the four gates.
  public struct Gates: Sendable {
    /// *f*
    public let forget: ConvolutionUnit
    /// *i*
    public let input: ConvolutionUnit
    /// *g*
    public let candidate: ConvolutionUnit
    /// *o*
    public let output: ConvolutionUnit

    /// Four convolutions.
    public init(
      forget: ConvolutionUnit, input: ConvolutionUnit, candidate: ConvolutionUnit,
      output: ConvolutionUnit
    ) {
      self.forget = forget
      self.input = input
      self.candidate = candidate
      self.output = output
    }

    var all: [ConvolutionUnit] { [forget, input, candidate, output] }
  }

  /// The convolutions of the cell that three gates look at: full ones, not factors.
  public struct Peepholes: Sendable {
    /// *Vf*, of the cell before.
    public let forget: ConvolutionUnit
    /// *Vi*, of the cell before.
    public let input: ConvolutionUnit
    /// *Vo*, of the new cell.
    public let output: ConvolutionUnit

    /// Three convolutions.
    public init(forget: ConvolutionUnit, input: ConvolutionUnit, output: ConvolutionUnit) {
      self.forget = forget
      self.input = input
      self.output = output
    }

    var all: [ConvolutionUnit] { [forget, input, output] }
  }

  /// How the state before takes part.
  public enum Recurrence: Sendable {
    /// *W*: a convolution for each gate.
    case gates(Gates)
    /// *B*: one convolution of state and input together.
    case bottleneck(ConvolutionUnit)

    var units: [ConvolutionUnit] {
      switch self {
      case .gates(let gates): gates.all
      case .bottleneck(let unit): [unit]
      }
    }
  }

  /// *U*
  public let input: Gates
  /// *W* or *B*
  public let recurrence: Recurrence
  /// *V*
  public let peepholes: Peepholes?
  /// φ
  public let cellActivation: ActivationFunction
  /// What the cell is cut to between two steps, if to anything.
  public let stateLimit: Double?
  /// Whether what the bottleneck gives is added to the first half of the result.
  public let addsBottleneck: Bool
  /// Samples of one sequence.
  public let timeSteps: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A memory of images.
  public init(
    input: Gates, recurrence: Recurrence, peepholes: Peepholes?,
    cellActivation: ActivationFunction, stateLimit: Double?, addsBottleneck: Bool, timeSteps: Int
  ) {
    self.input = input
    self.recurrence = recurrence
    self.peepholes = peepholes
    self.cellActivation = cellActivation
    self.stateLimit = stateLimit
    self.addsBottleneck = addsBottleneck
    self.timeSteps = timeSteps
  }

  /// The shape that the convolutions of the input give; all others must give it too.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    let state = try input.forget.outputShape(of: image, layout: layout)
    var mixed = image
    switch recurrence {
    case .gates(let gates):
      for unit in gates.all { try unit.requireShape(state, of: state, layout: layout) }
    case .bottleneck(let unit):
      mixed = state
      let both = try Concatenation().outputShape(of: [state, image], layout: layout)
      try unit.requireShape(state, of: both, layout: layout)
    }
    for unit in input.all { try unit.requireShape(state, of: mixed, layout: layout) }
    for unit in peepholes?.all ?? [] {
      try unit.requireShape(state, of: state, layout: layout)
    }
    return state
  }

  /// One product for each value and each weight of its filter, in every convolution.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    .sum(units.map { $0.multiplyAdds(input: output, output: output) })
  }

  private var units: [ConvolutionUnit] {
    (peepholes?.all ?? []) + recurrence.units + input.all
  }

  /// *V*, *W* (or *B*), *U*: darknet's order.
  public var parameters: [Parameter] { units.flatMap(\.parameters) }
}

/// The frames of a sequence side by side (darknet's `history` layer): `[x(t), x(t−1), …]` along the
/// channels, the newest first; what lies before the first frame is zero.
///
/// With a single time step darknet fills in the first frame only, which is the same from a fresh start.
public struct History: RecurrentOperation {
  /// How many frames.
  public let frames: Int
  /// Samples of one sequence.
  public let timeSteps: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A history.
  public init(frames: Int, timeSteps: Int) {
    self.frames = frames
    self.timeSteps = timeSteps
  }

  /// `[C · frames, H, W]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    return layout.shape(
      channels: layout.channels(of: image) * frames, spatial: layout.spatial(of: image))
  }
}
