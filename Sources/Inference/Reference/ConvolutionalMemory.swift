import FileSupport
import ModelGraph

extension ConvolutionalMemory: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let steps = try TimeSteps(inputs[0], timeSteps)
    let mixing = try LoadedMixing(recurrence, context)
    let ofInput = try LoadedGates(input, context)
    let peepholes = try LoadedPeepholes(peepholes, context)
    let zeros = steps.zeros(context.shape)
    var h = zeros
    var c = zeros
    return context.result(
      try steps.map { (x) throws(ModelFileError) in
        let (seen, ofState) = try mixing.mix(h, x, cellActivation)
        /// `[W ∗ h(t−1)] + U ∗ x(t) [+ V ∗ c]`
        func sum(
          _ gate: KeyPath<LoadedGates, LoadedUnit>, _ peephole: LoadedUnit?
        ) throws(ModelFileError) -> Tensor {
          var result = try ofInput[keyPath: gate](seen)
          if let ofState {
            result = try ofState[keyPath: gate](h).combined(with: result) { $0 + $1 }
          }
          if let peephole { result = result.combined(with: try peephole(c)) { $0 + $1 } }
          return result
        }
        let f = try sum(\.forget, peepholes?.forget).mapped(Formula.logistic)
        let i = try sum(\.input, peepholes?.input).mapped(Formula.logistic)
        let g = cellActivation.apply(to: try sum(\.candidate, nil), context.layout)
        c = f.combined(with: c) { $0 * $1 }
          .combined(with: i.combined(with: g) { $0 * $1 }) { $0 + $1 }
        let o = try sum(\.output, peepholes?.output).mapped(Formula.logistic)
        h = o.combined(with: cellActivation.apply(to: c, context.layout)) { $0 * $1 }
        if let stateLimit { c = c.mapped { min(max($0, -stateLimit), stateLimit) } }
        return addsBottleneck ? Self.adding(seen, to: h) : h
      })
  }

  /// What the bottleneck gives, added to the first half of each sample.
  private static func adding(_ bottleneck: Tensor, to h: Tensor) -> Tensor {
    var values = h.values
    let count = h.sampleCount
    for index in values.indices where index % max(count, 1) < count / 2 {
      values[index] = Float(Double(values[index]) + Double(bottleneck.values[index]))
    }
    return Tensor(shape: h.shape, values: values)
  }
}

/// The four convolutions of ``ConvolutionalMemory/Gates`` with their numbers.
private struct LoadedGates {
  let forget: LoadedUnit
  let input: LoadedUnit
  let candidate: LoadedUnit
  let output: LoadedUnit

  init(_ gates: ConvolutionalMemory.Gates, _ context: KernelContext) throws(ModelFileError) {
    forget = try LoadedUnit(gates.forget, context)
    input = try LoadedUnit(gates.input, context)
    candidate = try LoadedUnit(gates.candidate, context)
    output = try LoadedUnit(gates.output, context)
  }
}

/// The three convolutions of ``ConvolutionalMemory/Peepholes`` with their numbers.
private struct LoadedPeepholes {
  let forget: LoadedUnit
  let input: LoadedUnit
  let output: LoadedUnit

  init?(
    _ peepholes: ConvolutionalMemory.Peepholes?, _ context: KernelContext
  ) throws(ModelFileError) {
    guard let peepholes else { return nil }
    forget = try LoadedUnit(peepholes.forget, context)
    input = try LoadedUnit(peepholes.input, context)
    output = try LoadedUnit(peepholes.output, context)
  }
}

/// How the state before takes part, with the numbers for it.
private enum LoadedMixing {
  case gates(LoadedGates)
  case bottleneck(LoadedUnit, ImageLayout)

  init(
    _ recurrence: ConvolutionalMemory.Recurrence, _ context: KernelContext
  ) throws(ModelFileError) {
    switch recurrence {
    case .gates(let gates): self = .gates(try LoadedGates(gates, context))
    case .bottleneck(let unit): self = .bottleneck(try LoadedUnit(unit, context), context.layout)
    }
  }

  /// What the convolutions of the input see, and those of the state if there are any.
  func mix(
    _ h: Tensor, _ x: Tensor, _ activation: ActivationFunction
  ) throws(ModelFileError) -> (seen: Tensor, ofState: LoadedGates?) {
    switch self {
    case .gates(let gates): return (x, gates)
    case .bottleneck(let unit, let layout):
      let both = try unit(Tensor.joiningChannels([h, x], layout))
      return (activation.apply(to: both, layout), nil)
    }
  }
}

extension History: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let steps = try TimeSteps(inputs[0], timeSteps)
    var past = [Tensor](repeating: steps.zeros(inputs[0].sample), count: frames)
    return context.result(
      try steps.map { (x) throws(ModelFileError) in
        past = [x] + past.dropLast()
        return Tensor.joiningChannels(past, context.layout)
      })
  }
}
