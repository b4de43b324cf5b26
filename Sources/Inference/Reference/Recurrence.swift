import FileSupport
import ModelGraph

extension Recurrence: ReferenceKernel {
  /// Numbers of the steps that are in work at a time: enough for threads to share, few beside the values.
  static let blockNumbers = 1 << 20

  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    try computeAll(node)[0]
  }

  func computeAll<Scalar>(
    _ node: KernelContext<Scalar>
  ) throws(ModelFileError) -> [TensorOf<Scalar>] {
    try computeAll(node, blockNumbers: Self.blockNumbers)
  }

  /// Computes the values with blocks of another size, which change nothing in them.
  func computeAll<Scalar>(
    _ node: KernelContext<Scalar>, blockNumbers: Int
  ) throws(ModelFileError) -> [TensorOf<Scalar>] {
    let sequence = node.inputs[0]
    let shapes = try cellShapes(of: sequence.sample, layout: node.layout)
    let perStep = try numbersPerStep(shapes, samples: sequence.batch)
    var given = node.inputs.suffix(initialStates)
    var step = Shape(Array(sequence.sample.extents.dropFirst()))
    let order = StepOrder(sequence, mask: hasMask ? node.inputs[1] : nil, isReversed: goesBackwards)
    let rows = order.rows(of: sequence, step: step, node.layout)
    var loaded: [LoadedCell<Scalar>] = []
    var states: [[Scalar]] = []
    for (cell, shape) in zip(cells, shapes) {
      let own = try LoadedCell(cell, input: step, state: shape, samples: sequence.batch, node)
      loaded.append(own)
      states.append(own.rows(of: Array(given.prefix(cell.kind.states))))
      given = given.dropFirst(cell.kind.states)
      step = shape
    }
    let outputs = run(
      loaded, from: &states, on: rows, order,
      stepsAtATime: max(blockNumbers / max(perStep, 1), 1), node.workers)
    let output = node.result(outputs.channelsBack(to: step, node.layout))
    return [output]
      + zip(zip(loaded, shapes), states).flatMap { cell, rows in
        cell.0.values(of: rows).map {
          TensorOf(shape: Shape([sequence.batch] + cell.1.extents), values: $0)
        }
      }
  }

  /// Numbers that the states and gates of all cells have in one step.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if there is no memory for them: a cell between two others
  ///   may have a state that is larger than all values of the graph.
  func numbersPerStep(_ shapes: [Shape], samples: Int) throws(ModelFileError) -> Int {
    let numbers = Int.sum(
      zip(cells, shapes).map { cell, state in
        state.elementCount.clampedProduct(cell.kind.states + cell.kind.gates)
      }
    ).clampedProduct(samples)
    guard numbers.clampedProduct(MemoryLayout<Double>.size) <= SystemMemory.budget else {
      throw ModelFileError(
        .damaged, "the states of a recurrence take more memory than there is",
        expected: "at most \(SystemMemory.budget) bytes", found: "\(numbers) numbers in a step",
        remedy: "give fewer samples at a time, or use a machine with more memory")
    }
    return numbers
  }

  /// Runs the cells, a block of steps after another, and each block cell by cell: a cell's product with its
  /// input then needs nothing of the steps before.
  ///
  /// - Returns: the outputs of every sample, channels last.
  private func run<Scalar>(
    _ cells: [LoadedCell<Scalar>], from states: inout [[Scalar]], on rows: CellRows<Scalar>,
    _ order: StepOrder<Scalar>,
    stepsAtATime: Int, _ workers: Workers
  ) -> [Scalar] {
    guard let last = cells.last else { return [] }
    var outputs = StepOutputs(
      size: last.places * last.units, order: order, keepsAll: returnsSequences,
      zeroesMasked: zeroesMasked)
    for first in stride(from: 0, to: order.count, by: stepsAtATime) {
      let steps = first..<min(first + stepsAtATime, order.count)
      var fed = rows.dropping(first)
      for index in cells.indices {
        fed = cells[index].run(
          fed, steps: steps.count, states: &states[index],
          isRun: { order.isRun(first + $0, sample: $1) }, workers)
      }
      outputs.take(fed, steps, units: last.units)
    }
    return outputs.values
  }
}

/// Which step of a sequence is run when, and which are passed over.
struct StepOrder<Scalar: ReferenceScalar>: Sendable {
  /// Steps.
  let count: Int
  /// Sequences.
  let samples: Int
  private let mask: [Scalar]?
  private let isReversed: Bool

  init(_ sequence: TensorOf<Scalar>, mask: TensorOf<Scalar>?, isReversed: Bool) {
    samples = sequence.batch
    count = sequence.sample.extents[0]
    self.mask = mask?.values
    self.isReversed = isReversed
  }

  /// Whether a step, counted in the order of the run, is not passed over.
  func isRun(_ step: Int, sample: Int) -> Bool {
    guard let mask else { return true }
    return mask[sample * count + (isReversed ? count - 1 - step : step)] != 0
  }

  /// The values of the steps in the order of the run.
  func rows(of sequence: TensorOf<Scalar>, step: Shape, _ layout: ImageLayout) -> CellRows<Scalar> {
    let size = step.elementCount
    return CellRows(
      values: sequence.values.channelsLast(of: step, layout),
      first: isReversed ? (count - 1) * size : 0, step: isReversed ? -size : size,
      sample: count * size, row: layout.channels(of: step))
  }
}

/// The outputs of a run, in which those of the steps that are passed over are made up.
struct StepOutputs<Scalar: ReferenceScalar> {
  /// Numbers of one output.
  private let size: Int
  private let order: StepOrder<Scalar>
  private let zeroesMasked: Bool
  /// Each sample's output of the last step: zeros before the first.
  private var latest: [Scalar]
  /// The outputs of all steps, sample by sample, if they are kept.
  private var all: [Scalar]
  private let keepsAll: Bool

  init(size: Int, order: StepOrder<Scalar>, keepsAll: Bool, zeroesMasked: Bool) {
    self.size = size
    self.order = order
    self.zeroesMasked = zeroesMasked
    latest = [Scalar](repeating: 0, count: order.samples * size)
    self.keepsAll = keepsAll
    all = keepsAll ? [Scalar](repeating: 0, count: order.samples * order.count * size) : []
  }

  /// The outputs that were asked for.
  var values: [Scalar] { keepsAll ? all : latest }

  /// Takes the outputs of some steps from the rows of states, each of which begins with them.
  mutating func take(_ rows: CellRows<Scalar>, _ steps: Range<Int>, units: Int) {
    for step in steps {
      for sample in 0..<order.samples {
        if order.isRun(step, sample: sample) {
          let start = rows.start(step: step - steps.lowerBound, sample: sample)
          for place in 0..<(size / units) {
            let row = start + place * rows.row
            let target = sample * size + place * units
            latest.replaceSubrange(
              target..<(target + units), with: rows.values[row..<(row + units)])
          }
        } else if zeroesMasked {
          for index in 0..<size { latest[sample * size + index] = 0 }
        }
        guard keepsAll else { continue }
        let target = (sample * order.count + step) * size
        all.replaceSubrange(
          target..<(target + size), with: latest[(sample * size)..<((sample + 1) * size)])
      }
    }
  }
}
