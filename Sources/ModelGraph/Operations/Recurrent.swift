import FileSupport

/// A layer inside a recurrent layer: a product with learned weights, batch normalization or offsets, σ.
///
/// `u(x) = σ(z)` with `z = W x + b`, or `z = bn(W x)` where there is a normalization; for a convolution
/// `W x` is the cross-correlation. The offsets of the product are missing where a normalization follows.
public struct RecurrentUnit<Product: Operation>: Sendable {
  /// The product, with its offsets if there is no normalization.
  public let product: Product
  /// The batch normalization of the product.
  public let normalization: BatchNormalization?
  /// σ
  public let activation: ActivationFunction

  /// A unit.
  public init(product: Product, normalization: BatchNormalization?, activation: ActivationFunction)
  {
    self.product = product
    self.normalization = normalization
    self.activation = activation
  }

  /// The shape of `u(x)`.
  public func outputShape(of input: Shape, layout: ImageLayout) throws(ModelFileError) -> Shape {
    try product.outputShape(of: [input], layout: layout)
  }

  /// The products summed for one value of this shape.
  public func multiplyAdds(input: Shape, output: Shape) -> Int {
    product.multiplyAdds(inputs: [input], output: output)
  }

  /// Those of the product, then those of the normalization.
  public var parameters: [Parameter] {
    product.parameters + (normalization?.parameters ?? [])
  }
}

/// A fully connected layer inside a recurrent layer.
public typealias DenseUnit = RecurrentUnit<FullyConnected>

/// A convolution inside a recurrent layer.
public typealias ConvolutionUnit = RecurrentUnit<Convolution>

/// An operation that carries a state from one time step of a sequence to the next.
///
/// Its batch holds whole sequences, time outermost: sample `t · (batch / timeSteps) + s` is step *t* of
/// sequence *s*. The state of a sequence is zero at first. Shapes and costs are those of one sample.
public protocol RecurrentOperation: Operation {
  /// Samples of one sequence, 1 or more.
  var timeSteps: Int { get }
}

/// A plain recurrent layer (darknet's `rnn_layer.c`, `crnn_layer.c`).
///
/// ```
/// s(t) = input(x(t)) + recurrence(s(t−1)) [+ s(t−1) if keepsState]
/// y(t) = output(s(t))
/// ```
public struct SimpleRecurrence<Product: Operation>: RecurrentOperation {
  /// What the step's input passes through.
  public let input: RecurrentUnit<Product>
  /// What the state before passes through.
  public let recurrence: RecurrentUnit<Product>
  /// What the new state passes through.
  public let output: RecurrentUnit<Product>
  /// Whether the state before is added to the new one as it is (`shortcut=1`).
  public let keepsState: Bool
  /// Samples of one sequence.
  public let timeSteps: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A recurrent layer.
  public init(
    input: RecurrentUnit<Product>, recurrence: RecurrentUnit<Product>,
    output: RecurrentUnit<Product>, keepsState: Bool, timeSteps: Int
  ) {
    self.input = input
    self.recurrence = recurrence
    self.output = output
    self.keepsState = keepsState
    self.timeSteps = timeSteps
  }

  /// The shape that the output unit gives; the state keeps its own.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let state = try stateShape(of: try inputs.only(), layout: layout)
    return try output.outputShape(of: state, layout: layout)
  }

  /// The shape of the state.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the recurrence does not keep it.
  public func stateShape(of input: Shape, layout: ImageLayout) throws(ModelFileError) -> Shape {
    let state = try self.input.outputShape(of: input, layout: layout)
    try recurrence.requireShape(state, of: state, layout: layout)
    return state
  }

  /// The products of the three units. (An image's channels come first wherever there is a recurrence.)
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    guard let first = inputs.first,
      let state = try? stateShape(of: first, layout: .channelsFirst)
    else { return 0 }
    return .sum([
      input.multiplyAdds(input: first, output: state),
      recurrence.multiplyAdds(input: state, output: state),
      self.output.multiplyAdds(input: state, output: output),
    ])
  }

  /// Those of the three units.
  public var parameters: [Parameter] {
    input.parameters + recurrence.parameters + output.parameters
  }
}

extension RecurrentUnit {
  /// Checks that the unit makes a value of one shape out of a value of another.
  func requireShape(
    _ expected: Shape, of input: Shape, layout: ImageLayout
  ) throws(ModelFileError) {
    let found = try outputShape(of: input, layout: layout)
    guard found == expected else {
      throw ModelFileError(
        .damaged, "a recurrent layer does not keep the shape of its state", expected: "\(expected)",
        found: "\(found)")
    }
  }
}

extension Int {
  /// The sum of counts, none of which is negative, clamped to `Int.max`.
  package static func sum(_ counts: [Int]) -> Int {
    counts.reduce(0) { total, count in
      let (result, overflows) = total.addingReportingOverflow(count)
      return overflows ? .max : result
    }
  }
}
