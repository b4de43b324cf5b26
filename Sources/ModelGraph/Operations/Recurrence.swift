import FileSupport

/// Cells that run along the first axis of a value, each fed by the one before it.
///
/// The first input is the sequence, `[T, in]` or `[T, …]` with an image for each step; then comes the mask
/// `[T]`, if there is one; then the initial states, if they are given. In every step the first cell takes the
/// step's value, each other the output of the one before, and the output of the step is that of the last cell.
///
/// Besides the outputs it gives the final states, cell by cell, *h* before *c*.
///
/// A step at which the mask is 0 is not run: all states stay, and its output is the output of the step before
/// (zeros in front of the first step that is run), or zeros with ``zeroesMasked``. (Keras's
/// `backend/tensorflow/rnn.py`.)
public struct Recurrence: Operation {
  /// The cells, in the order in which they feed each other.
  public let cells: [RecurrentCell]
  /// Whether the sequence is run from its end. Outputs stand in the order in which they were made.
  public let goesBackwards: Bool
  /// Whether the value has the outputs of all steps, `[T, units…]`, and not only that of the last one run,
  /// `[units…]`.
  public let returnsSequences: Bool
  /// Whether the second input is a mask: `[T]`, 0 for the steps that are passed over.
  public let hasMask: Bool
  /// Whether the output of a step that is passed over is zeros.
  public let zeroesMasked: Bool
  /// How many inputs at the end are initial states, in the order of the final ones: all, or 0 for zeros.
  public let initialStates: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .summed(.products) }

  /// A recurrence.
  public init(
    cells: [RecurrentCell], goesBackwards: Bool = false, returnsSequences: Bool = false,
    hasMask: Bool = false, zeroesMasked: Bool = false,
    initialStates: Int = 0
  ) {
    self.cells = cells
    self.goesBackwards = goesBackwards
    self.returnsSequences = returnsSequences
    self.hasMask = hasMask
    self.zeroesMasked = zeroesMasked
    self.initialStates = initialStates
  }

  /// The states of all cells.
  public var stateCount: Int { cells.reduce(0) { $0 + $1.kind.states } }

  /// `[T, units…]` or `[units…]`.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if an input does not fit, or the cells' parameters don't.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard initialStates == 0 || initialStates == stateCount else {
      throw ModelFileError(
        .damaged, "a recurrence is given another number of states", expected: "0 or \(stateCount)",
        found: "\(initialStates)")
    }
    let count = 1 + (hasMask ? 1 : 0) + initialStates
    guard inputs.count == count else {
      throw ModelFileError(
        .damaged, "takes another number of inputs", expected: "\(count)", found: "\(inputs.count)")
    }
    // Steps without numbers would cost no memory, however many a file says there are.
    guard let steps = inputs[0].extents.first, inputs[0].rank > 1,
      inputs[0].extents.dropFirst().allSatisfy({ $0 > 0 })
    else {
      throw ModelFileError(
        .damaged, "takes a sequence", expected: "time first, then axes of 1 or more",
        found: "\(inputs[0])")
    }
    guard !hasMask || inputs[1] == [steps] else {
      throw ModelFileError(
        .damaged, "the mask does not fit the sequence", expected: "[\(steps)]",
        found: "\(inputs[1])")
    }
    let outputs = try cellShapes(of: inputs[0], layout: layout)
    let states = states(outputs)
    let given = Array(inputs.suffix(initialStates))
    guard initialStates == 0 || given == states else {
      throw ModelFileError(
        .damaged, "the initial states don't fit the cells", expected: "\(states)", found: "\(given)"
      )
    }
    // There is a cell: the shapes of none are refused.
    let step = outputs.last ?? []
    return returnsSequences ? Shape([steps] + step.extents) : step
  }

  /// Those of the final states, cell by cell, *h* before *c*.
  public func furtherShapes(
    of inputs: [Shape], layout: ImageLayout
  ) throws(ModelFileError) -> [Shape] {
    states(try cellShapes(of: inputs[0], layout: layout))
  }

  private func states(_ outputs: [Shape]) -> [Shape] {
    zip(cells, outputs).flatMap { cell, shape in
      [Shape](repeating: shape, count: cell.kind.states)
    }
  }

  /// The shape of each cell's output and states.
  ///
  /// - Parameters:
  ///   - sequence: the shape of the first input, of two axes or more.
  ///   - layout: where an image's channels stand.
  /// - Throws: `ModelFileError` of kind `damaged` if a cell can't take what it is fed with, or if there is
  ///   none.
  public func cellShapes(
    of sequence: Shape, layout: ImageLayout
  ) throws(ModelFileError) -> [Shape] {
    guard !cells.isEmpty else {
      throw ModelFileError(
        .damaged, "a recurrence has no cell", expected: "1 or more", found: "0")
    }
    var step = Shape(Array(sequence.extents.dropFirst()))
    var result: [Shape] = []
    for cell in cells {
      step = try cell.stateShape(of: step, layout: layout)
      result.append(step)
    }
    return result
  }

  /// One product for each step, place and weight.
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    // The layout, which is not told here, is the one that gives the output.
    let layouts: [ImageLayout] = [.channelsLast, .channelsFirst]
    guard let first = inputs.first, let steps = first.extents.first,
      let layout = layouts.first(where: { (try? outputShape(of: inputs, layout: $0)) == output }),
      let shapes = try? cellShapes(of: first, layout: layout)
    else { return 0 }
    return Int.sum(zip(cells, shapes).map { $0.multiplyAdds(state: $1) }).clampedProduct(steps)
  }

  /// Those of the cells, in order.
  public var parameters: [Parameter] { cells.flatMap(\.parameters) }
}

extension Recurrence {
  /// Without what only plays a part where there is a mask, or gates.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    let cells = cells.map { cell in
      RecurrentCell(
        kind: cell.kind, product: cell.product, kernel: cell.kernel, stateKernel: cell.stateKernel,
        biases: cell.biases, stateBiases: cell.stateBiases, activation: cell.activation.simplified,
        gateActivation: cell.kind == .simple ? .linear : cell.gateActivation.simplified)
    }
    return .operation(
      Recurrence(
        cells: cells, goesBackwards: goesBackwards, returnsSequences: returnsSequences,
        hasMask: hasMask, zeroesMasked: hasMask && zeroesMasked, initialStates: initialStates))
  }
}
