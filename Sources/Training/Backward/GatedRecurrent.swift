import FileSupport
import Inference
import ModelGraph

extension RecurrentGate {
  /// Takes δ at the gate's sum back to the state and to the input.
  fileprivate func back(
    _ delta: [Double], through values: GateValues<Double>, _ step: BackwardStep
  ) throws(ModelFileError) -> (state: [Double], x: [Double]) {
    (
      try ofState.back(delta, through: values.ofState, step).input,
      try ofInput.back(delta, through: values.ofInput, step).input
    )
  }
}

extension GatedRecurrence: BackwardKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// The state is carried from pass to pass.
  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    var steps: [GatedStep<Double>] = []
    try forEachStep(pass.kernelContext, from: pass.recall("h", timeSteps)) { steps.append($0) }
    pass.keep(steps.last?.after, as: "h")
    return (
      TensorOf(
        shape: Shape([pass.inputs[0].batch] + pass.shape.extents),
        values: steps.flatMap(\.after.values)),
      { (step) throws(ModelFileError) in [try back(step, steps)] }
    )
  }

  /// Through time, as the GPU code of `gru_layer.c` does it; the CPU code's backward function is empty.
  private func back(
    _ step: BackwardStep, _ steps: [GatedStep<Double>]
  ) throws(ModelFileError) -> [Double] {
    var below: [[Double]] = []
    var carried = steps[0].before.values.map { _ in 0.0 }
    for (t, values) in steps.enumerated().reversed() {
      let (z, r) = (values.update.value.values, values.reset.value.values)
      let (fresh, before) = (values.candidate.value.values, values.before.values)
      let delta = step.delta.run(t, of: timeSteps).plus(carried)
      let toFresh = delta.indices.map {
        delta[$0] * (1 - z[$0]) * candidateActivation.derivative(atOutput: fresh[$0])
      }
      let fromFresh = try candidate.back(toFresh, through: values.candidate, step)
      let toZ = delta.indices.map {
        delta[$0] * (before[$0] - fresh[$0]) * z[$0] * (1 - z[$0])
      }
      let toR = delta.indices.map { fromFresh.state[$0] * before[$0] * r[$0] * (1 - r[$0]) }
      let fromZ = try update.back(toZ, through: values.update, step)
      let fromR = try reset.back(toR, through: values.reset, step)
      carried = delta.times(z).plus(fromFresh.state.times(r)).plus(fromZ.state).plus(fromR.state)
      below.append(fromFresh.x.plus(fromZ.x).plus(fromR.x))
    }
    return below.reversed().flatMap { $0 }
  }
}

extension LongShortTermMemory: BackwardKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    options.isExactInTime || timeSteps == 1
      ? nil : "the first step's gradients see the state after it, not the one before"
  }

  /// The state that a pass begins with is the one *after the first step* of the pass before it, because
  /// darknet's backward pass ends there and leaves its working copies behind.
  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    var steps: [MemoryStep<Double>] = []
    let state = (h: pass.recall("h", timeSteps), c: pass.recall("c", timeSteps))
    try forEachStep(pass.kernelContext, from: state) { steps.append($0) }
    pass.keep(steps[0].cell, as: "c")
    pass.keep(steps[0].after, as: "h")
    return (
      TensorOf(
        shape: Shape([pass.inputs[0].batch] + pass.shape.extents),
        values: steps.flatMap(\.after.values)),
      { (step) throws(ModelFileError) in [try back(step, steps)] }
    )
  }

  /// Through time, as `lstm_layer.c` does it. Beside the state that a pass begins with two things there are not
  /// the derivative; a pass of one step of a fresh network is free of them:
  ///
  /// - the first step's gradients see the state after the first step in place of the one before it;
  /// - the cell's δ that the first step would hand on is handed to the last step of the next pass.
  private func back(
    _ step: BackwardStep, _ steps: [MemoryStep<Double>]
  ) throws(ModelFileError) -> [Double] {
    var below: [[Double]] = []
    var carried = steps[0].before.values.map { _ in 0.0 }
    var cell = step.pass.recall("dc", timeSteps)
    for (t, values) in steps.enumerated().reversed() {
      let seen = t == 0 && !step.pass.isExactInTime ? try asDarknetSees(values, step.pass) : values
      let delta = step.delta.run(t, of: timeSteps).plus(carried)
      let parts = try back(delta, cell: cell.values, through: seen, step)
      (carried, cell.values) = (parts.state, parts.cell)
      below.append(parts.x)
    }
    step.pass.keep(cell, as: "dc")
    return below.reversed().flatMap { $0 }
  }

  /// The first step with the state after it in place of the one before; zeros if there is no other step.
  private func asDarknetSees(
    _ values: MemoryStep<Double>, _ pass: ForwardPass
  ) throws(ModelFileError) -> MemoryStep<Double> {
    let zeros = TensorOf<Double>(zeros: pass.shape, batch: values.after.batch)
    let state = timeSteps > 1 ? values.after : zeros
    let follows = pass.parameters.followsStatistics
    pass.parameters.followsStatistics = false
    defer { pass.parameters.followsStatistics = follows }
    var seen = values
    seen.before = timeSteps > 1 ? values.cell : zeros
    seen.forget.ofState = try forget.ofState.values(of: state, pass.kernelContext)
    seen.input.ofState = try input.ofState.values(of: state, pass.kernelContext)
    seen.candidate.ofState = try candidate.ofState.values(of: state, pass.kernelContext)
    seen.output.ofState = try output.ofState.values(of: state, pass.kernelContext)
    return seen
  }

  /// One step: δ at the output and at the cell goes to the input, the state and the cell before.
  private func back(
    _ delta: [Double], cell: [Double], through values: MemoryStep<Double>, _ step: BackwardStep
  ) throws(ModelFileError) -> (x: [Double], state: [Double], cell: [Double]) {
    let (f, i) = (values.forget.value.values, values.input.value.values)
    let (g, o) = (values.candidate.value.values, values.output.value.values)
    let squashed = Equations.activation(of: values.cell.values, .tanh)
    let toCell = delta.indices.map {
      delta[$0] * o[$0] * (1 - squashed[$0] * squashed[$0]) + cell[$0]
    }
    func gradient(
      _ delta: [Double], _ factor: [Double], _ gate: [Double], _ function: ActivationFunction
    ) -> [Double] {
      delta.indices.map {
        delta[$0] * factor[$0] * function.derivative(atOutput: gate[$0])
      }
    }
    let parts = [
      try output.back(gradient(delta, squashed, o, .logistic), through: values.output, step),
      try candidate.back(gradient(toCell, i, g, .tanh), through: values.candidate, step),
      try input.back(gradient(toCell, g, i, .logistic), through: values.input, step),
      try forget.back(
        gradient(toCell, values.before.values, f, .logistic), through: values.forget, step),
    ]
    return (
      parts.dropFirst().reduce(parts[0].x) { $0.plus($1.x) },
      parts.dropFirst().reduce(parts[0].state) { $0.plus($1.state) }, toCell.times(f)
    )
  }
}

extension ForwardPass {
  /// What the pass before carried over for each sequence; zeros at first.
  fileprivate func recall(_ name: String, _ timeSteps: Int) -> TensorOf<Double> {
    let batch = inputs[0].batch / timeSteps
    return TensorOf(
      shape: Shape([batch] + shape.extents),
      values: memory.recall(name, of: node, count: batch * shape.elementCount))
  }

  /// Carries a value over to the next pass.
  fileprivate func keep(_ value: TensorOf<Double>?, as name: String) {
    if let value { memory.keep(value.values, as: name, of: node) }
  }
}
