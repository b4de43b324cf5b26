import FileSupport
import Inference
import ModelGraph

/// A gate at one time step: its value and the way back into its two halves.
private struct GateStep {
  let value: [Double]
  private let ofState: UnitPullback
  private let ofInput: UnitPullback

  init(
    _ gate: RecurrentGate, _ function: ActivationFunction, state: BatchValues, x: BatchValues,
    _ pass: ForwardPass
  ) throws(ModelFileError) {
    let (s, ofState) = try gate.ofState.forward(state, pass)
    let (u, ofInput) = try gate.ofInput.forward(x, pass)
    value = Equations.activation(of: s.numbers.plus(u.numbers), function)
    self.ofState = ofState
    self.ofInput = ofInput
  }

  /// Takes δ at the gate's sum back to the state and to the input.
  func back(_ delta: [Double], _ parameters: ParameterStore) -> (state: [Double], x: [Double]) {
    (ofState.back(delta, parameters).input, ofInput.back(delta, parameters).input)
  }
}

extension GatedRecurrence: BackwardKernel {
  /// Through time, as the GPU code of `gru_layer.c` does it; the CPU code's backward function is empty.
  /// The state is carried from pass to pass.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let steps = try inputs[0].timeSteps(timeSteps)
    let batch = inputs[0].batch / timeSteps
    let size = batch * pass.shape.elementCount
    var h = BatchValues(
      sample: pass.shape, batch: batch,
      numbers: pass.memory.recall("h", of: pass.node, count: size))
    var result: [Double] = []
    var kept: [(z: GateStep, r: GateStep, candidate: GateStep, before: [Double])] = []
    for x in steps {
      let z = try GateStep(update, .logistic, state: h, x: x, pass)
      let r = try GateStep(reset, .logistic, state: h, x: x, pass)
      var forgot = h
      forgot.numbers = r.value.times(h.numbers)
      let fresh = try GateStep(candidate, candidateActivation, state: forgot, x: x, pass)
      kept.append((z, r, fresh, h.numbers))
      h.numbers = h.numbers.indices.map {
        z.value[$0] * h.numbers[$0] + (1 - z.value[$0]) * fresh.value[$0]
      }
      result += h.numbers
    }
    pass.memory.keep(h.numbers, as: "h", of: pass.node)
    let (count, phi) = (timeSteps, candidateActivation)
    return (
      result,
      { step in
        var below = [[Double]](repeating: [], count: count)
        var carried = [Double](repeating: 0, count: size)
        for t in (0..<count).reversed() {
          let (z, r, fresh, before) = kept[t]
          let delta = step.delta.run(t, of: count).plus(carried)
          let toFresh = delta.indices.map {
            delta[$0] * (1 - z.value[$0]) * phi.derivative(atOutput: fresh.value[$0])
          }
          let fromFresh = fresh.back(toFresh, step.parameters)
          let toZ = delta.indices.map {
            delta[$0] * (before[$0] - fresh.value[$0]) * z.value[$0] * (1 - z.value[$0])
          }
          let toR = delta.indices.map {
            fromFresh.state[$0] * before[$0] * r.value[$0] * (1 - r.value[$0])
          }
          let fromZ = z.back(toZ, step.parameters)
          let fromR = r.back(toR, step.parameters)
          carried = delta.times(z.value).plus(fromFresh.state.times(r.value))
            .plus(fromZ.state).plus(fromR.state)
          below[t] = fromFresh.x.plus(fromZ.x).plus(fromR.x)
        }
        return [below.flatMap { $0 }]
      }
    )
  }
}

extension LongShortTermMemory: BackwardKernel {
  /// Through time, as `lstm_layer.c` does it. Three things there are not the derivative; a pass of one
  /// step of a fresh network is free of them:
  ///
  /// - the state that a pass begins with is the one *after the first step* of the pass before it, because
  ///   the backward pass ends there and leaves its working copies behind;
  /// - the first step's gradients see the state after the first step in place of the one before it;
  /// - the cell's δ that the first step would hand on is handed to the last step of the next pass.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let steps = try inputs[0].timeSteps(timeSteps)
    let batch = inputs[0].batch / timeSteps
    let size = batch * pass.shape.elementCount
    let (memory, node) = (pass.memory, pass.node)
    var h = BatchValues(
      sample: pass.shape, batch: batch, numbers: memory.recall("h", of: node, count: size))
    var c = memory.recall("c", of: node, count: size)
    var result: [Double] = []
    var kept: [CellStep] = []
    for x in steps {
      let cell = try CellStep(self, x: x, h: h, c: c, pass)
      (c, h.numbers) = (cell.c, cell.h)
      result += h.numbers
      kept.append(cell)
    }
    let isLongerThanOne = timeSteps > 1
    let stale = BatchValues(
      sample: pass.shape, batch: batch,
      numbers: isLongerThanOne ? kept[0].h : [Double](repeating: 0, count: size))
    // What the backward pass sees of the time before the first step.
    let follows = pass.parameters.followsStatistics
    pass.parameters.followsStatistics = false
    defer { pass.parameters.followsStatistics = follows }
    let first = try CellStep(
      self, x: steps[0], h: stale, c: isLongerThanOne ? kept[0].c : stale.numbers, pass,
      gatesOf: kept[0])
    memory.keep(kept[0].c, as: "c", of: node)
    memory.keep(kept[0].h, as: "h", of: node)
    let (count, isExact) = (timeSteps, pass.isExactInTime)
    return (
      result,
      { step in
        var below = [[Double]](repeating: [], count: count)
        var carried = [Double](repeating: 0, count: size)
        var cell = memory.recall("dc", of: node, count: size)
        for t in (0..<count).reversed() {
          let at = t == 0 && !isExact ? first : kept[t]
          let delta = step.delta.run(t, of: count).plus(carried)
          (below[t], carried, cell) = at.back(delta, cell: cell, step.parameters)
        }
        memory.keep(cell, as: "dc", of: node)
        return [below.flatMap { $0 }]
      }
    )
  }
}

/// One time step of a long short-term memory.
private struct CellStep {
  private let f: GateStep
  private let i: GateStep
  private let g: GateStep
  private let o: GateStep
  private let before: [Double]
  private let gates: [[Double]]
  /// The cell after the step.
  let c: [Double]
  /// The output.
  let h: [Double]

  /// - Parameter other: a step whose values count in place of those that come out here; the inputs of
  ///   the gates are still these.
  init(
    _ layer: LongShortTermMemory, x: BatchValues, h: BatchValues, c: [Double],
    _ pass: ForwardPass, gatesOf other: CellStep? = nil
  ) throws(ModelFileError) {
    f = try GateStep(layer.forget, .logistic, state: h, x: x, pass)
    i = try GateStep(layer.input, .logistic, state: h, x: x, pass)
    g = try GateStep(layer.candidate, .tanh, state: h, x: x, pass)
    o = try GateStep(layer.output, .logistic, state: h, x: x, pass)
    before = c
    gates = other?.gates ?? [f.value, i.value, g.value, o.value]
    let fresh = gates[0].times(c).plus(gates[1].times(gates[2]))
    self.c = other?.c ?? fresh
    self.h = other?.h ?? gates[3].times(Equations.activation(of: fresh, .tanh))
  }

  /// δ at the output and at the cell goes to the input, the state and the cell before.
  func back(
    _ delta: [Double], cell: [Double], _ parameters: ParameterStore
  ) -> (x: [Double], state: [Double], cell: [Double]) {
    let squashed = Equations.activation(of: c, .tanh)
    let toCell = delta.indices.map {
      delta[$0] * gates[3][$0] * (1 - squashed[$0] * squashed[$0]) + cell[$0]
    }
    func gradient(_ gate: Int, _ factor: [Double], _ delta: [Double]) -> [Double] {
      let function: ActivationFunction = gate == 2 ? .tanh : .logistic
      return delta.indices.map {
        delta[$0] * factor[$0] * function.derivative(atOutput: gates[gate][$0])
      }
    }
    let parts = [
      o.back(gradient(3, squashed, delta), parameters),
      g.back(gradient(2, gates[1], toCell), parameters),
      i.back(gradient(1, gates[2], toCell), parameters),
      f.back(gradient(0, before, toCell), parameters),
    ]
    let zero = [Double](repeating: 0, count: delta.count)
    return (
      parts.dropFirst().reduce(parts[0].x) { $0.plus($1.x) },
      parts.reduce(zero) { $0.plus($1.state) },
      toCell.times(gates[0])
    )
  }
}
