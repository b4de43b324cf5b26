import FileSupport
import ModelGraph

/// A gate with its numbers: `ofState(s) + ofInput(x)`.
private struct LoadedGate {
  private let ofState: LoadedUnit
  private let ofInput: LoadedUnit

  init(_ gate: RecurrentGate, _ context: KernelContext) throws(ModelFileError) {
    ofState = try LoadedUnit(gate.ofState, context)
    ofInput = try LoadedUnit(gate.ofInput, context)
  }

  func callAsFunction(_ state: Tensor, _ x: Tensor) throws(ModelFileError) -> Tensor {
    try ofState(state).combined(with: try ofInput(x)) { $0 + $1 }
  }
}

extension GatedRecurrence: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let steps = try TimeSteps(inputs[0], timeSteps)
    let update = try LoadedGate(update, context)
    let reset = try LoadedGate(reset, context)
    let candidate = try LoadedGate(candidate, context)
    var h = steps.zeros(context.shape)
    return context.result(
      try steps.map { (x) throws(ModelFileError) in
        let z = try update(h, x).mapped(Formula.logistic)
        let r = try reset(h, x).mapped(Formula.logistic)
        let kept = r.combined(with: h) { $0 * $1 }
        let fresh = try candidate(kept, x).mapped(candidateActivation.scalar)
        h = z.combined(with: h) { $0 * $1 }
          .combined(with: z.combined(with: fresh) { (1 - $0) * $1 }) { $0 + $1 }
        return h
      })
  }
}

extension LongShortTermMemory: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let steps = try TimeSteps(inputs[0], timeSteps)
    let forget = try LoadedGate(forget, context)
    let input = try LoadedGate(input, context)
    let candidate = try LoadedGate(candidate, context)
    let output = try LoadedGate(output, context)
    var h = steps.zeros(context.shape)
    var c = steps.zeros(context.shape)
    return context.result(
      try steps.map { (x) throws(ModelFileError) in
        let f = try forget(h, x).mapped(Formula.logistic)
        let i = try input(h, x).mapped(Formula.logistic)
        let g = try candidate(h, x).mapped(Formula.hyperbolicTangent)
        let o = try output(h, x).mapped(Formula.logistic)
        c = f.combined(with: c) { $0 * $1 }
          .combined(with: i.combined(with: g) { $0 * $1 }) { $0 + $1 }
        h = o.combined(with: c) { $0 * Formula.hyperbolicTangent($1) }
        return h
      })
  }
}
