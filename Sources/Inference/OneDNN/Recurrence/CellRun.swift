import COneDNN
import FileSupport

/// A cell in the memory of a run.
///
/// Invariant: the pointers lead to as many numbers as the cell's operands have, in memory that outlives the object.
final class CellRun {
  private let cell: PlannedCell
  /// Numbers of a state of all samples.
  private let size: Int
  private let blocks: [Block]
  private let outputs: UnsafeMutablePointer<Float>
  private let initial: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutablePointer<Float>
  private let mixed: UnsafeMutablePointer<Float>
  private let mixedFunction: BufferFunction.Bound?

  private struct Block {
    let input: RowProduct.Bound
    let state: RowProduct.Bound
    let sums: UnsafeMutablePointer<Float>
    /// Numbers of a step.
    let size: Int
    let function: GateFunction
  }

  /// - Throws: `ModelFileError` if there is no memory for it.
  init(_ cell: PlannedCell, _ execution: ExecutionMemory) throws(ModelFileError) {
    func pointer(_ operand: Operand) throws(ModelFileError) -> UnsafeMutablePointer<Float> {
      try PlanBuilder.existing(execution.numbers(operand).baseAddress)
    }
    self.cell = cell
    size = cell.samples * cell.places * cell.units
    var blocks: [Block] = []
    for block in cell.blocks {
      blocks.append(
        Block(
          input: try block.input.bound(to: execution), state: try block.state.bound(to: execution),
          sums: try pointer(block.sums),
          size: cell.samples * cell.places * block.sums.layout.extents[1],
          function: block.function))
    }
    self.blocks = blocks
    outputs = try pointer(cell.outputs)
    initial = try pointer(cell.before)
    memory = try pointer(cell.memory ?? cell.before)
    mixed = try pointer(cell.mixed ?? cell.before)
    mixedFunction = try cell.mixedFunction.map { (function) throws(ModelFileError) in
      try function.bound(to: execution)
    }
  }

  /// The states, *h* and then *c*, each with its channels last.
  var states: [UnsafeMutableBufferPointer<Float>] {
    var isMemory = false
    if case .longShortTerm = cell.formula { isMemory = true }
    return ([initial] + (isMemory ? [memory] : [])).map {
      UnsafeMutableBufferPointer(start: $0, count: size)
    }
  }

  /// Runs some steps of what the cell is fed with.
  ///
  /// - Parameters:
  ///   - steps: how many.
  ///   - isRun: whether a step of a sample is run, else the states stay; `nil` if all are.
  /// - Returns: *h* of every step.
  func run(
    steps: Int, isRun: ((_ step: Int, _ sample: Int) -> Bool)?
  ) throws(ModelFileError) -> UnsafeMutableBufferPointer<Float> {
    for block in blocks { try block.input.execute() }
    onednn_set_threads(Int32(cell.stepThreads))
    defer { onednn_set_threads(Int32(cell.threads)) }
    var before = initial
    for step in 0..<steps {
      let after = outputs + step * size
      try compute(step, from: before, to: after) { isRun?(step, $0) ?? true }
      before = after
    }
    initial.update(from: before, count: size)
    return UnsafeMutableBufferPointer(start: outputs, count: steps * size)
  }

  private func compute(
    _ step: Int, from before: UnsafeMutablePointer<Float>, to after: UnsafeMutablePointer<Float>,
    isRun: (_ sample: Int) -> Bool
  ) throws(ModelFileError) {
    let units = cell.units
    switch cell.formula {
    case .simple(let keepsState):
      let gate = try gates(0, at: step, of: before)
      forEachRow(from: before, to: after, isRun: isRun) { row in
        let start = row * units
        if keepsState {
          for unit in start..<(start + units) { after[unit] = gate[unit] + before[unit] }
        } else {
          (after + start).update(from: gate + start, count: units)
        }
      }
    case .gated(let resetsAfter):
      let gates = try gates(0, at: step, of: before)
      let candidate = try self.candidate(step, gates, from: before, resetsAfter: resetsAfter)
      forEachRow(from: before, to: after, isRun: isRun) { row in
        let (start, z) = (row * units, gates + row * 2 * units)
        let (h, result, fresh) = (before + start, after + start, candidate + start)
        for unit in 0..<units {
          result[unit] = z[unit] * h[unit] + (1 - z[unit]) * fresh[unit]
        }
      }
    case .longShortTerm(let stateLimit):
      let gates = try gates(0, at: step, of: before)
      let candidate = try self.gates(1, at: step, of: before)
      forEachRow(isRun: isRun) { row in
        let (start, i) = (row * units, gates + row * 3 * units)
        let (f, c, g, seen) = (i + units, memory + start, candidate + start, mixed + start)
        for unit in 0..<units {
          let sum = f[unit] * c[unit] + i[unit] * g[unit]
          c[unit] = sum
          seen[unit] = sum
        }
      }
      try mixedFunction?.execute()
      forEachRow(from: before, to: after, isRun: isRun) { row in
        let (start, o) = (row * units, gates + row * 3 * units + 2 * units)
        let (result, seen) = (after + start, mixed + start)
        for unit in 0..<units { result[unit] = o[unit] * seen[unit] }
      }
      if let stateLimit {
        for index in 0..<size { memory[index] = min(max(memory[index], -stateLimit), stateLimit) }
      }
    }
  }

  /// The gates of a block in a step.
  private func gates(
    _ number: Int, at step: Int, of state: UnsafeMutablePointer<Float>
  ) throws(ModelFileError) -> UnsafeMutablePointer<Float> {
    let block = blocks[number]
    let sums = block.sums + step * block.size
    try block.state.execute(from: state, to: sums)
    block.function.finish(sums, count: block.size)
    return sums
  }

  /// *h̃* of a gated unit whose other gates are there.
  private func candidate(
    _ step: Int, _ gates: UnsafeMutablePointer<Float>, from before: UnsafeMutablePointer<Float>,
    resetsAfter: Bool
  ) throws(ModelFileError) -> UnsafeMutablePointer<Float> {
    let units = cell.units
    guard resetsAfter else {
      forEachRow { row in
        let (start, r) = (row * units, gates + row * 2 * units + units)
        let (h, kept) = (before + start, mixed + start)
        for unit in 0..<units { kept[unit] = r[unit] * h[unit] }
      }
      return try self.gates(1, at: step, of: mixed)
    }
    try blocks[1].state.execute(from: before)
    let sums = blocks[1].sums + step * blocks[1].size
    forEachRow { row in
      let (start, r) = (row * units, gates + row * 2 * units + units)
      let (ofInput, ofState) = (sums + start, mixed + start)
      for unit in 0..<units { ofState[unit] = ofInput[unit] + r[unit] * ofState[unit] }
    }
    try mixedFunction?.execute()
    return mixed
  }

  /// Every row of the states.
  @inline(__always)
  private func forEachRow(_ body: (_ row: Int) -> Void) {
    for row in 0..<(cell.samples * cell.places) { body(row) }
  }

  /// The rows of those samples that are run.
  @inline(__always)
  private func forEachRow(isRun: (_ sample: Int) -> Bool, _ body: (_ row: Int) -> Void) {
    for sample in 0..<cell.samples where isRun(sample) {
      for row in (sample * cell.places)..<((sample + 1) * cell.places) { body(row) }
    }
  }

  /// The same; the states of the others stay.
  @inline(__always)
  private func forEachRow(
    from before: UnsafeMutablePointer<Float>, to after: UnsafeMutablePointer<Float>,
    isRun: (_ sample: Int) -> Bool, _ body: (_ row: Int) -> Void
  ) {
    let count = cell.places * cell.units
    for sample in 0..<cell.samples {
      if isRun(sample) {
        for row in (sample * cell.places)..<((sample + 1) * cell.places) { body(row) }
      } else {
        (after + sample * count).update(from: before + sample * count, count: count)
      }
    }
  }
}
