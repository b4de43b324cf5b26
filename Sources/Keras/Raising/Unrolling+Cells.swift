import FileSupport
import ModelGraph

extension Unrolling {
  /// Adds `σ(W x + b)`, or `σ(bn(W x))`.
  ///
  /// - Parameter isLast: whether its value is that of the node at work.
  fileprivate mutating func unit<Product>(
    _ unit: RecurrentUnit<Product>, _ suffix: String, on x: Int, isLast: Bool = false
  ) throws(ModelFileError) -> Int {
    let activates = unit.activation != .linear
    let normalization = unit.normalization
    let ends = isLast && !activates
    var value = try add(
      unit.product, on: [x], suffix: ends && normalization == nil ? nil : suffix)
    if let normalization {
      value = try add(normalization, on: [value], suffix: ends ? nil : "\(suffix)_bn")
    }
    guard activates else { return value }
    return try add(
      Activation(unit.activation), on: [value], suffix: isLast ? nil : "\(suffix)_act")
  }

  /// Adds a sum, product or difference.
  fileprivate mutating func combine(
    _ rule: Elementwise.Rule, _ a: Int, _ b: Int, _ suffix: String?
  ) throws(ModelFileError) -> Int {
    try add(Elementwise(rule), on: [a, b], suffix: suffix)
  }

  /// Adds `σ(ofState(s) + ofInput(x))`.
  ///
  /// - Parameter state: the state, `nil` for zeros.
  /// - Returns: the gate, and the state.
  fileprivate mutating func gate(
    _ gate: RecurrentGate, _ function: ActivationFunction, _ suffix: String, of state: Int?,
    _ x: Int
  ) throws(ModelFileError) -> (value: Int, state: Int) {
    let own = try unit(gate.ofInput, "\(suffix)_input", on: x)
    let before = try zeros(unless: state, like: own)
    let carried = try unit(gate.ofState, "\(suffix)_state", on: before)
    let sum = try combine(.sum, carried, own, "\(suffix)_sum")
    return (try add(Activation(function), on: [sum], suffix: suffix), before)
  }
}

/// Dense or Conv2D for each unit, and Add.
extension SimpleRecurrence: Unrollable {
  func unroll(
    _ x: Int, _ states: [Int]?, in steps: inout Unrolling
  ) throws(ModelFileError) -> (value: Int, states: [Int]) {
    let own = try steps.unit(input, "input", on: x)
    let before = try steps.zeros(unless: states?.first, like: own)
    let carried = try steps.unit(recurrence, "self", on: before)
    var state = try steps.combine(.sum, own, carried, "state")
    if keepsState { state = try steps.combine(.sum, state, before, "shortcut") }
    return (try steps.unit(output, "output", on: state, isLast: true), [state])
  }
}

/// Dense for each half of a gate; Add, Multiply, Rescaling.
extension GatedRecurrence: Unrollable {
  func unroll(
    _ x: Int, _ states: [Int]?, in steps: inout Unrolling
  ) throws(ModelFileError) -> (value: Int, states: [Int]) {
    let (z, before) = try steps.gate(update, .logistic, "update", of: states?.first, x)
    let r = try steps.gate(reset, .logistic, "reset", of: before, x).value
    let kept = try steps.combine(.product, r, before, "kept")
    let fresh = try steps.gate(candidate, candidateActivation, "candidate", of: kept, x).value
    let old = try steps.combine(.product, z, before, "old")
    let rest = try steps.add(Affine(scale: -1, offset: 1), on: [z], suffix: "rest")
    let new = try steps.combine(.product, rest, fresh, "new")
    let value = try steps.combine(.sum, old, new, nil)
    return (value, [value])
  }
}

/// Dense for each half of a gate; Add, Multiply.
extension LongShortTermMemory: Unrollable {
  func unroll(
    _ x: Int, _ states: [Int]?, in steps: inout Unrolling
  ) throws(ModelFileError) -> (value: Int, states: [Int]) {
    let (f, state) = try steps.gate(forget, .logistic, "forget", of: states?.first, x)
    let i = try steps.gate(input, .logistic, "input", of: state, x).value
    let g = try steps.gate(candidate, .tanh, "candidate", of: state, x).value
    let o = try steps.gate(output, .logistic, "output", of: state, x).value
    let before = try steps.zeros(unless: states?.last, like: f)
    let old = try steps.combine(.product, f, before, "old")
    let new = try steps.combine(.product, i, g, "new")
    let cell = try steps.combine(.sum, old, new, "cell")
    let bounded = try steps.add(Activation(.tanh), on: [cell], suffix: "bounded")
    let value = try steps.combine(.product, o, bounded, nil)
    return (value, [value, cell])
  }
}

/// Conv2D for each unit; Add, Multiply.
extension ConvLSTM: Unrollable {
  func unroll(
    _ x: Int, _ states: [Int]?, in steps: inout Unrolling
  ) throws(ModelFileError) -> (value: Int, states: [Int]) {
    guard case .gates(let ofState) = recurrence, !addsBottleneck else {
      throw ModelFileError(
        .unsupported, at: [.option("bottleneck")],
        "no stock layers of Keras compute exactly this: a bottleneck",
        remedy: "keep the darknet files for this network; nothing was written")
    }
    let (f, h, before) = try gate(
      (input.forget, ofState.forget, peepholes?.forget), .logistic, "forget", states?.first,
      states?.last, x, &steps)
    let i = try gate(
      (input.input, ofState.input, peepholes?.input), .logistic, "input", h, before, x, &steps
    ).value
    let g = try gate(
      (input.candidate, ofState.candidate, nil), cellActivation, "candidate", h, before, x, &steps
    ).value
    let old = try steps.combine(.product, f, before, "old")
    let new = try steps.combine(.product, i, g, "new")
    let cell = try steps.combine(.sum, old, new, "cell")
    let o = try gate(
      (input.output, ofState.output, peepholes?.output), .logistic, "output", h, cell, x, &steps
    ).value
    let bounded = try steps.add(Activation(cellActivation), on: [cell], suffix: "bounded")
    let value = try steps.combine(.product, o, bounded, nil)
    guard let stateLimit else { return (value, [value, cell]) }
    return (value, [value, try cut(cell, to: stateLimit, &steps)])
  }

  private typealias Units = (
    ofInput: ConvolutionUnit, ofState: ConvolutionUnit, ofCell: ConvolutionUnit?
  )

  /// Adds `σ(W ∗ h + U ∗ x [+ V ∗ c])`; states that are not there yet are zeros.
  private func gate(
    _ units: Units, _ function: ActivationFunction, _ suffix: String, _ state: Int?, _ cell: Int?,
    _ x: Int, _ steps: inout Unrolling
  ) throws(ModelFileError) -> (value: Int, h: Int, c: Int) {
    let own = try steps.unit(units.ofInput, "\(suffix)_input", on: x)
    let h = try steps.zeros(unless: state, like: own)
    let c = try steps.zeros(unless: cell, like: own)
    let carried = try steps.unit(units.ofState, "\(suffix)_state", on: h)
    var sum = try steps.combine(.sum, carried, own, "\(suffix)_sum")
    if let ofCell = units.ofCell {
      let seen = try steps.unit(ofCell, "\(suffix)_cell", on: c)
      sum = try steps.combine(.sum, sum, seen, "\(suffix)_all")
    }
    return (try steps.add(Activation(function), on: [sum], suffix: suffix), h, c)
  }

  /// `min(max(x, 0), limit) − min(max(−x, 0), limit)`
  private func cut(
    _ cell: Int, to limit: Double, _ steps: inout Unrolling
  ) throws(ModelFileError) -> Int {
    let above = try steps.add(Activation(.relu(maximum: limit)), on: [cell], suffix: "above")
    let negated = try steps.add(Affine(scale: -1, offset: 0), on: [cell], suffix: "negated")
    let below = try steps.add(Activation(.relu(maximum: limit)), on: [negated], suffix: "below")
    return try steps.combine(.difference, above, below, "cut")
  }
}

/// Concatenate of the steps so far.
extension History: Unrollable {
  func unroll(
    _ x: Int, _ states: [Int]?, in steps: inout Unrolling
  ) throws(ModelFileError) -> (value: Int, states: [Int]) {
    var past = states ?? []
    if past.isEmpty {
      let zeros = try steps.zeros(unless: nil, like: x)
      past = [Int](repeating: zeros, count: frames)
    }
    past = [x] + past.dropLast()
    return (try steps.add(Concatenation(), on: past, suffix: nil), past)
  }
}
