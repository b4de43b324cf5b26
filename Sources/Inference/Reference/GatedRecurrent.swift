import FileSupport
import ModelGraph

/// What a gate computed in a step.
package struct GateValues<Scalar: ReferenceScalar> {
  /// The half of the state.
  package var ofState: UnitValues<Scalar>
  /// The half of the input.
  package let ofInput: UnitValues<Scalar>
  /// σ of their sum.
  package let value: TensorOf<Scalar>
}

extension RecurrentGate {
  /// `σ(ofState(s) + ofInput(x))`
  func values<Scalar>(
    _ function: ActivationFunction, of state: TensorOf<Scalar>, _ x: TensorOf<Scalar>,
    _ node: KernelContext<Scalar>
  ) throws(ModelFileError) -> GateValues<Scalar> {
    let (s, u) = (try ofState.values(of: state, node), try ofInput.values(of: x, node))
    let value = s.output.combined(with: u.output) { $0 + $1 }.mapped(function.scalar)
    return GateValues(ofState: s, ofInput: u, value: value)
  }
}

/// What a gated recurrent unit computed in a step.
package struct GatedStep<Scalar: ReferenceScalar> {
  /// *z*
  package let update: GateValues<Scalar>
  /// *r*
  package let reset: GateValues<Scalar>
  /// *h̃*
  package let candidate: GateValues<Scalar>
  /// `h(t−1)`
  package let before: TensorOf<Scalar>
  /// `h(t)`
  package let after: TensorOf<Scalar>
}

extension GatedRecurrence: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    var values: [Scalar] = []
    try forEachStep(node) { values += $0.after.values }
    return node.result(values)
  }

  /// Computes step after step, from a state or from zeros.
  @specialized(where Scalar == Double)
  package func forEachStep<Scalar>(
    _ node: KernelContext<Scalar>, from state: TensorOf<Scalar>? = nil,
    _ body: (GatedStep<Scalar>) -> Void
  ) throws(ModelFileError) {
    let node = node.loadingOnce
    let steps = try node.inputs[0].timeSteps(timeSteps)
    var h = state ?? TensorOf(zeros: node.shape, batch: steps[0].batch)
    for x in steps {
      let before = h
      let z = try update.values(.logistic, of: h, x, node)
      let r = try reset.values(.logistic, of: h, x, node)
      let kept = r.value.combined(with: h) { $0 * $1 }
      let fresh = try candidate.values(candidateActivation, of: kept, x, node)
      h = z.value.combined(with: h) { $0 * $1 }
        .combined(with: z.value.combined(with: fresh.value) { (1 - $0) * $1 }) { $0 + $1 }
      body(GatedStep(update: z, reset: r, candidate: fresh, before: before, after: h))
    }
  }
}

/// What a long short-term memory computed in a step.
package struct MemoryStep<Scalar: ReferenceScalar> {
  /// *f*
  package var forget: GateValues<Scalar>
  /// *i*
  package var input: GateValues<Scalar>
  /// *g*
  package var candidate: GateValues<Scalar>
  /// *o*
  package var output: GateValues<Scalar>
  /// `c(t−1)`
  package var before: TensorOf<Scalar>
  /// `c(t)`
  package let cell: TensorOf<Scalar>
  /// `h(t)`
  package let after: TensorOf<Scalar>
}

extension LongShortTermMemory: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    var values: [Scalar] = []
    try forEachStep(node) { values += $0.after.values }
    return node.result(values)
  }

  /// Computes step after step, from states or from zeros.
  @specialized(where Scalar == Double)
  package func forEachStep<Scalar>(
    _ node: KernelContext<Scalar>, from state: (h: TensorOf<Scalar>, c: TensorOf<Scalar>)? = nil,
    _ body: (MemoryStep<Scalar>) -> Void
  ) throws(ModelFileError) {
    let node = node.loadingOnce
    let steps = try node.inputs[0].timeSteps(timeSteps)
    let zeros = TensorOf<Scalar>(zeros: node.shape, batch: steps[0].batch)
    var (h, c) = state ?? (zeros, zeros)
    for x in steps {
      let before = c
      let f = try forget.values(.logistic, of: h, x, node)
      let i = try input.values(.logistic, of: h, x, node)
      let g = try candidate.values(.tanh, of: h, x, node)
      let o = try output.values(.logistic, of: h, x, node)
      c = f.value.combined(with: c) { $0 * $1 }
        .combined(with: i.value.combined(with: g.value) { $0 * $1 }) { $0 + $1 }
      h = o.value.combined(with: c) { $0 * Formula.hyperbolicTangent($1) }
      body(
        MemoryStep(
          forget: f, input: i, candidate: g, output: o, before: before, cell: c, after: h))
    }
  }
}
