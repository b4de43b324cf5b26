import COneDNN
import FileSupport
import ModelGraph

/// A cell's products and memory, for a block of steps.
struct PlannedCell: Sendable {
  /// Gates of one function.
  struct Block: Sendable {
    /// The product with the inputs of all steps.
    let input: RowProduct
    /// The product with the state, added to that of the step; of a gated unit that resets after it, by itself.
    let state: RowProduct
    /// What the functions of the gates are applied to, step after step, row after row, gate after gate.
    let sums: Operand
    let function: GateFunction
  }

  let formula: CellForm.Formula
  let units: Int
  /// Rows of the states of a sample: one for each place of an image.
  let places: Int
  let samples: Int
  let blocks: [Block]
  /// *h* of all steps of a block.
  let outputs: Operand
  /// *h* before the block.
  let before: Operand
  /// *c*
  let memory: Operand?
  /// What a function is applied to by itself, or a product of its own is made of.
  let mixed: Operand?
  /// σ of what is mixed.
  let mixedFunction: BufferFunction?

  /// How many threads share the work on all steps of a block.
  let threads: Int
  /// How many share that of one step.
  let stepThreads: Int

  /// Multiply-adds of a step below which one thread does them all: about a fifth of a millisecond. What others save of it
  /// is little beside what a step costs if one of them has to wait for a core.
  private static let leastShared = 1 << 24

  /// - Parameters:
  ///   - values: the steps that it is fed with.
  ///   - fed: where they lie.
  ///   - spatial: the extents of its state if that is an image.
  ///   - samples: how many sequences run beside each other.
  /// - Returns: `nil` where oneDNN has no implementation.
  /// - Throws: `ModelFileError` if there is no memory for the weights.
  init?(
    _ form: CellForm, fedWith values: StepValues, at fed: Operand, spatial: [Int], samples: Int,
    _ builder: PlanBuilder
  ) throws(ModelFileError) {
    let units = form.units
    let state = StepValues(count: samples, channels: units, spatial: spatial)
    let products = form.state.weights.reduce(0) { $0.clampedSum($1.count) }
      .clampedProduct(samples * spatial.reduce(1, *))
    threads = builder.options.threads
    stepThreads = products < Self.leastShared ? 1 : threads
    before = builder.newBuffer(try state.layout())
    outputs = builder.newBuffer(
      try StepValues(count: values.count, channels: units, spatial: spatial).layout())
    var mixed: Operand?
    var mixedFunction: BufferFunction?
    if case .simple = form.formula {
    } else {
      let numbers = builder.newBuffer(try PlanBuilder.dense([samples * state.size]))
      mixed = Operand(place: numbers.place, layout: try state.layout())
      guard let function = BufferFunction(form.function(ofBlock: 1), on: numbers) else {
        return nil
      }
      mixedFunction = function
    }
    if case .longShortTerm = form.formula {
      memory = builder.newBuffer(try state.layout())
    } else {
      memory = nil
    }
    var blocks: [Block] = []
    for (number, gates) in form.blocks.enumerated() {
      let function = form.function(ofBlock: number)
      let isCandidate = number == form.blocks.count - 1
      // r is applied to the product with the state, or to the state in front of it.
      let resetsAfter = isCandidate && form.formula == .gated(resetsAfter: true)
      let resetsBefore = isCandidate && form.formula == .gated(resetsAfter: false)
      var offsets = form.input.joinedBiases(gates, units: units)
      var stateOffsets = form.state.joinedBiases(gates, units: units)
      if let own = stateOffsets, form.input.function.isLinear, form.state.function.isLinear,
        !resetsAfter
      {
        offsets = zip(offsets ?? own.map { _ in 0 }, own).map(+)
        stateOffsets = nil
      }
      let width = gates.count * units
      let all = StepValues(count: values.count, channels: width, spatial: spatial)
      let one = StepValues(count: samples, channels: width, spatial: spatial)
      let sums = builder.newBuffer(try all.layout())
      guard
        let input = try RowProduct(
          form.input.joined(gates), extents: form.input.extents, window: form.input.window,
          biases: offsets, form.input.function.postOperations, from: fed, to: sums,
          threads: threads,
          builder),
        let recurrence = try RowProduct(
          form.state.joined(gates), extents: form.state.extents, window: form.state.window,
          biases: stateOffsets,
          form.state.function.postOperations
            + (resetsAfter ? [] : [.sum] + function.postOperations),
          from: resetsBefore ? mixed ?? before : before,
          to: resetsAfter
            ? mixed ?? before : Operand(place: sums.place, layout: try one.layout()),
          threads: stepThreads, builder)
      else { return nil }
      blocks.append(Block(input: input, state: recurrence, sums: sums, function: function))
    }
    formula = form.formula
    self.units = units
    places = spatial.reduce(1, *)
    self.samples = samples
    self.blocks = blocks
    self.mixed = mixed
    self.mixedFunction = mixedFunction
  }

  /// The memory that it works in.
  var operands: [Operand] {
    [outputs, before] + [memory, mixed].compactMap(\.self)
      + blocks.flatMap { $0.input.operands + $0.state.operands }
  }
}
