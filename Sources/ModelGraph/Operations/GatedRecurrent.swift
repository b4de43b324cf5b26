import FileSupport

/// The two halves of a gate: what the state before and what the step's input contribute to it.
///
/// `g(s, x) = ofState(s) + ofInput(x)`, to which the recurrent layer applies its own σ.
public struct RecurrentGate: Sendable {
  /// `W`, with offsets of its own.
  public let ofState: DenseUnit
  /// `U`, with offsets of its own.
  public let ofInput: DenseUnit

  /// A gate.
  public init(ofState: DenseUnit, ofInput: DenseUnit) {
    self.ofState = ofState
    self.ofInput = ofInput
  }

  var parameters: [Parameter] { ofState.parameters + ofInput.parameters }

  /// The number of values of the gate.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the halves don't fit each other or the input.
  func outputShape(of input: Shape, layout: ImageLayout) throws(ModelFileError) -> Shape {
    let shape = try ofInput.outputShape(of: input, layout: layout)
    try ofState.requireShape(shape, of: shape, layout: layout)
    return shape
  }

  func multiplyAdds(input: Shape, output: Shape) -> Int {
    .sum([
      ofState.multiplyAdds(input: output, output: output),
      ofInput.multiplyAdds(input: input, output: output),
    ])
  }
}

/// A gated recurrent unit (darknet's `gru_layer.c`).
///
/// ```
/// z = σ(Wz h(t−1) + Uz x(t))                r = σ(Wr h(t−1) + Ur x(t))      σ: logistic
/// h̃ = φ(Wh (r · h(t−1)) + Uh x(t))          φ: `candidateActivation`
/// y(t) = h(t) = z · h(t−1) + (1 − z) · h̃
/// ```
///
/// Every product has its offsets or its batch normalization.
public struct GatedRecurrence: RecurrentOperation {
  /// *z*
  public let update: RecurrentGate
  /// *r*
  public let reset: RecurrentGate
  /// *h̃*, whose state half sees `r · h(t−1)`.
  public let candidate: RecurrentGate
  /// φ: darknet's is the logistic function unless told `tanh=1`.
  public let candidateActivation: ActivationFunction
  /// Samples of one sequence.
  public let timeSteps: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A gated recurrent unit.
  public init(
    update: RecurrentGate, reset: RecurrentGate, candidate: RecurrentGate,
    candidateActivation: ActivationFunction, timeSteps: Int
  ) {
    self.update = update
    self.reset = reset
    self.candidate = candidate
    self.candidateActivation = candidateActivation
    self.timeSteps = timeSteps
  }

  private var gates: [RecurrentGate] { [update, reset, candidate] }

  /// `[out]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    try gates.outputShape(of: try inputs.only(), layout: layout)
  }

  /// The products of the six halves.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    gates.multiplyAdds(inputs: inputs, output: output)
  }

  /// Gate by gate, the half of the state first.
  public var parameters: [Parameter] { gates.flatMap(\.parameters) }
}

/// A long short-term memory (darknet's `lstm_layer.c`).
///
/// ```
/// f = σ(Wf h(t−1) + Uf x(t))    i = σ(Wi h(t−1) + Ui x(t))    o = σ(Wo h(t−1) + Uo x(t))
/// g = tanh(Wg h(t−1) + Ug x(t))                               σ: logistic
/// c(t) = f · c(t−1) + i · g
/// y(t) = h(t) = o · tanh(c(t))
/// ```
///
/// Every product has its offsets or its batch normalization.
public struct LongShortTermMemory: RecurrentOperation {
  /// *f*
  public let forget: RecurrentGate
  /// *i*
  public let input: RecurrentGate
  /// *g*
  public let candidate: RecurrentGate
  /// *o*
  public let output: RecurrentGate
  /// Samples of one sequence.
  public let timeSteps: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A long short-term memory.
  public init(
    forget: RecurrentGate, input: RecurrentGate, candidate: RecurrentGate, output: RecurrentGate,
    timeSteps: Int
  ) {
    self.forget = forget
    self.input = input
    self.candidate = candidate
    self.output = output
    self.timeSteps = timeSteps
  }

  private var gates: [RecurrentGate] { [forget, input, candidate, output] }

  /// `[out]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    try gates.outputShape(of: try inputs.only(), layout: layout)
  }

  /// The products of the eight halves.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    gates.multiplyAdds(inputs: inputs, output: output)
  }

  /// Gate by gate, the half of the state first.
  public var parameters: [Parameter] { gates.flatMap(\.parameters) }
}

extension [RecurrentGate] {
  /// The shape that all gates agree on.
  fileprivate func outputShape(
    of input: Shape, layout: ImageLayout
  ) throws(ModelFileError) -> Shape {
    var result: Shape = []
    for (position, gate) in enumerated() {
      let shape = try gate.outputShape(of: input, layout: layout)
      guard position == 0 || shape == result else {
        throw ModelFileError(
          .damaged, "the gates differ in their number of values", expected: "\(result)",
          found: "\(shape)")
      }
      result = shape
    }
    return result
  }

  fileprivate func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    guard let input = inputs.first else { return 0 }
    return .sum(map { $0.multiplyAdds(input: input, output: output) })
  }
}
