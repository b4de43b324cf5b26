import FileSupport
import Inference
import ModelGraph

/// The backward step of a unit of a recurrent layer.
struct UnitPullback {
  /// δ at the unit's input out of δ at its output.
  let back: (_ delta: [Double], _ parameters: ParameterStore) -> UnitDeltas
}

/// What the backward step of a unit leaves behind.
struct UnitDeltas {
  /// δ at the input.
  let input: [Double]
  /// δ at the product, after σ′ and batch normalization: darknet's `l.delta` once the layer is done.
  let product: [Double]
}

extension RecurrentUnit where Product: BackwardKernel {
  /// `u(x) = σ(bn(W x))` for the samples of one time step.
  func forward(
    _ x: BatchValues, _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: BatchValues, pullback: UnitPullback) {
    let shape = try outputShape(of: x.sample, layout: .channelsFirst)
    let step = pass.at(shape: shape, batch: x.batch)
    let (z, backProduct) = try product.forward([x], step)
    var normalized = BatchValues(sample: shape, batch: x.batch, numbers: z)
    let unnormalized = normalized
    var backNormalization: Pullback?
    if let normalization {
      let rule = Product.self is FullyConnected.Type ? pass.denseNormalization : pass.normalization
      let (numbers, back) = try normalization.forward(normalized, step, rule)
      normalized.numbers = numbers
      backNormalization = back
    }
    let input = normalized
    let output = BatchValues(
      sample: shape, batch: x.batch, numbers: activation.apply(to: input))
    let pullback = UnitPullback { delta, parameters in
      func step(_ output: BatchValues, _ delta: [Double]) -> BackwardStep {
        BackwardStep(output: output, delta: delta, wants: [true], parameters: parameters)
      }
      var delta = activation.back(delta, output: output, input: input)
      if let backNormalization { delta = (backNormalization(step(input, delta))[0]) ?? delta }
      let below = backProduct(step(unnormalized, delta))[0] ?? []
      return UnitDeltas(input: below, product: delta)
    }
    return (output, pullback)
  }
}

extension ForwardPass {
  /// The same for a value of another shape and batch.
  func at(shape: Shape, batch: Int) -> ForwardPass {
    ForwardPass(
      shape: shape, batch: batch, parameters: parameters, products: products,
      normalization: normalization, isExactInTime: isExactInTime, memory: memory, node: node,
      denseNormalization: denseNormalization, randomness: randomness)
  }
}

extension BatchValues {
  /// The samples of each time step, time being outermost.
  func timeSteps(_ count: Int) throws(ModelFileError) -> [BatchValues] {
    guard count > 0, batch % count == 0 else {
      throw ModelFileError(
        .damaged, "the mini-batch does not hold whole sequences",
        expected: "a multiple of \(count)", found: "\(batch)")
    }
    let size = numbers.count / count
    return (0..<count).map {
      BatchValues(
        sample: sample, batch: batch / count,
        numbers: Array(numbers[($0 * size)..<(($0 + 1) * size)]))
    }
  }
}

extension [Double] {
  /// The sum, number by number.
  func plus(_ other: [Double]) -> [Double] { zip(self, other).map { $0 + $1 } }

  /// The product, number by number.
  func times(_ other: [Double]) -> [Double] { zip(self, other).map { $0 * $1 } }

  /// The run of a time step.
  func run(_ step: Int, of count: Int) -> [Double] {
    let size = self.count / Swift.max(count, 1)
    return Array(self[(step * size)..<((step + 1) * size)])
  }
}

extension SimpleRecurrence: BackwardKernel where Product: BackwardKernel {
  /// Through time, as `rnn_layer.c` and `crnn_layer.c` do it. Two things there are not the derivative:
  ///
  /// - the input unit gets the δ that the recurrent unit is done with, so that it has been through the
  ///   recurrent unit's σ′ and normalization before it goes through the input unit's own;
  /// - with `shortcut=1` the state before gets that same δ, and the output unit's weights see the state
  ///   without what was carried over.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let steps = try inputs[0].timeSteps(timeSteps)
    let shape = try stateShape(of: inputs[0].sample, layout: .channelsFirst)
    let batch = inputs[0].batch / timeSteps
    var state = BatchValues(
      sample: shape, batch: batch,
      numbers: [Double](repeating: 0, count: batch * shape.elementCount))
    var result: [Double] = []
    var units: [(input: UnitPullback, recurrence: UnitPullback, output: UnitPullback)] = []
    for x in steps {
      let (own, backInput) = try input.forward(x, pass)
      let (carried, backRecurrence) = try recurrence.forward(state, pass)
      let fresh = own.numbers.plus(carried.numbers)
      let old = state.numbers
      state.numbers = keepsState ? fresh.plus(old) : fresh
      let (y, backOutput) = try output.forward(state, pass)
      var back = backOutput
      if keepsState, !pass.isExactInTime {
        // darknet rebuilds the state for the backward pass, and leaves out what was carried over.
        let rebuilt = BatchValues(sample: shape, batch: batch, numbers: fresh)
        back = try output.rebuilt(backOutput, input: rebuilt, state: state, pass)
      }
      result += y.numbers
      units.append((backInput, backRecurrence, back))
    }
    let (count, keeps, isExact) = (timeSteps, keepsState, pass.isExactInTime)
    return (
      result,
      { step in
        var below = [[Double]](repeating: [], count: count)
        var carried = [Double](repeating: 0, count: batch * shape.elementCount)
        for t in (0..<count).reversed() {
          let unit = units[t]
          let delta = unit.output.back(step.delta.run(t, of: count), step.parameters)
            .input.plus(carried)
          let recurrent = unit.recurrence.back(delta, step.parameters)
          let handedOn = isExact ? delta : recurrent.product
          carried = recurrent.input
          if keeps { carried = carried.plus(handedOn) }
          below[t] = unit.input.back(handedOn, step.parameters).input
        }
        return [below.flatMap { $0 }]
      }
    )
  }
}

extension RecurrentUnit where Product: BackwardKernel {
  /// The same backward step, but for the weights, whose gradient is taken with another input.
  fileprivate func rebuilt(
    _ pullback: UnitPullback, input: BatchValues, state: BatchValues, _ pass: ForwardPass
  ) throws(ModelFileError) -> UnitPullback {
    let shape = try outputShape(of: input.sample, layout: .channelsFirst)
    let step = pass.at(shape: shape, batch: input.batch)
    // The product's gradient is linear in its input: take off what the state gave, add what it should.
    let (_, backState) = try product.forward([state], step)
    let (z, backRebuilt) = try product.forward([input], step)
    let output = BatchValues(sample: shape, batch: input.batch, numbers: z)
    return UnitPullback { delta, parameters in
      let result = pullback.back(delta, parameters)
      for (back, sign) in [(backState, -1.0), (backRebuilt, 1.0)] {
        _ = back(
          BackwardStep(
            output: output, delta: result.product.map { sign * $0 }, wants: [false],
            parameters: parameters))
      }
      return result
    }
  }
}
