import FileSupport
import ModelGraph

/// Cells that feed each other, run over a sequence block of steps after block of steps.
struct PlannedRecurrence: Sendable {
  private let cells: [PlannedCell]
  /// The values of a block's steps, step after step.
  private let fed: Operand
  private let samples: Int
  /// Numbers of a step of a sample.
  private let size: Int
  private let steps: Int
  private let stepsAtATime: Int

  /// - Parameters:
  ///   - forms: the cells, in the order in which they feed each other.
  ///   - step: the shape of what the first one is fed with.
  ///   - states: the shape of each one's state.
  ///   - steps: how many there are; 1 or more.
  ///   - samples: how many sequences run beside each other; 1 or more.
  ///   - numbersPerStep: how many numbers the states and gates of a step have.
  /// - Returns: `nil` where oneDNN has no implementation.
  /// - Throws: `ModelFileError` if there is no memory for the weights.
  init?(
    _ forms: [CellForm], step: Shape, states: [Shape], steps: Int, samples: Int,
    numbersPerStep: Int, _ builder: PlanBuilder
  ) throws(ModelFileError) {
    let most = max(Recurrence.blockNumbers / max(numbersPerStep, 1), 1)
    // Blocks of one size: what the last one has too many of is computed and not looked at.
    let blocks = (steps + most - 1) / most
    stepsAtATime = (steps + blocks - 1) / blocks
    self.steps = steps
    self.samples = samples
    size = step.elementCount
    let layout = builder.graph.layout
    var values = StepValues(
      count: stepsAtATime * samples, channels: forms[0].input.extents[0],
      spatial: forms[0].input.window == nil ? [] : layout.spatial(of: step))
    fed = builder.newBuffer(try values.layout())
    var source = fed
    var cells: [PlannedCell] = []
    for (form, state) in zip(forms, states) {
      let spatial = form.input.window == nil ? [] : layout.spatial(of: state)
      guard
        let cell = try PlannedCell(
          form, fedWith: values, at: source, spatial: spatial, samples: samples, builder)
      else { return nil }
      cells.append(cell)
      values = StepValues(count: values.count, channels: form.units, spatial: spatial)
      source = cell.outputs
    }
    self.cells = cells
  }

  /// The memory that it works in.
  var operands: [Operand] { [fed] + cells.flatMap(\.operands) }

  /// Runs all steps.
  ///
  /// - Parameters:
  ///   - memory: that of the run.
  ///   - rows: the values of the steps, in the order of the run.
  ///   - given: the states before, each with its channels last; zeros if there are none.
  ///   - isRun: whether a step of a sample is run, else the states stay; `nil` if all are.
  ///   - body: is given the outputs of some steps, with their channels last.
  /// - Returns: the states after, each with its channels last.
  func run(
    _ memory: ExecutionMemory, _ rows: CellRows<Float>, from given: [[Float]] = [],
    isRun: ((_ step: Int, _ sample: Int) -> Bool)? = nil,
    _ body: (_ steps: Range<Int>, _ outputs: UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(ModelFileError) -> [[Float]] {
    var runs: [CellRun] = []
    for cell in cells { runs.append(try CellRun(cell, memory)) }
    for (number, state) in runs.flatMap(\.states).enumerated() {
      if given.isEmpty {
        state.initialize(repeating: 0)
      } else {
        _ = state.update(fromContentsOf: given[number])
      }
    }
    let numbers = memory.numbers(fed)
    for first in stride(from: 0, to: steps, by: stepsAtATime) {
      let block = first..<min(first + stepsAtATime, steps)
      for step in block {
        for sample in 0..<samples {
          let start = rows.start(step: step, sample: sample)
          let target = ((step - first) * samples + sample) * size
          _ = numbers[target..<(target + size)]
            .update(fromContentsOf: rows.values[start..<(start + size)])
        }
      }
      numbers[(block.count * samples * size)...].update(repeating: 0)
      let isRunInBlock = isRun.map { isRun in { isRun(first + $0, $1) } }
      var outputs = numbers
      for run in runs { outputs = try run.run(steps: block.count, isRun: isRunInBlock) }
      body(block, outputs)
    }
    return runs.flatMap(\.states).map { Array($0) }
  }
}
