import FileSupport
import Inference
import ModelGraph

extension RecurrentUnit where Product: PullbackKernel {
  /// The backward step of the unit.
  ///
  /// - Returns: δ at the unit's input, and δ at the product, after σ′ and batch normalization: darknet's
  ///   `l.delta` once the layer is done.
  func back(
    _ delta: [Double], through values: UnitValues<Double>, _ step: BackwardStep
  ) throws(ModelFileError) -> (input: [Double], product: [Double]) {
    var delta = activation.back(delta, output: values.output, input: values.normalized)
    if let normalization {
      let inner = step.at(values.product, output: values.normalized, delta: delta)
      delta = try normalization.back(inner)[0] ?? delta
    }
    let inner = step.at(values.input, output: values.product, delta: delta)
    return (try product.back(inner)[0] ?? [], delta)
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

extension SimpleRecurrence: BackwardKernel where Product: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    guard !options.isExactInTime else { return nil }
    if keepsState { return "the output unit's gradient sees the state without what was carried" }
    let isLinear = recurrence.activation == .linear && recurrence.normalization == nil
    return isLinear ? nil : "the input unit's δ has been through the recurrent unit's σ′"
  }

  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    var steps: [SimpleStep<Double>] = []
    try forEachStep(pass.kernelContext) { steps.append($0) }
    return (
      TensorOf(
        shape: Shape([pass.inputs[0].batch] + pass.shape.extents),
        values: steps.flatMap(\.output.output.values)),
      { (step) throws(ModelFileError) in [try back(step, steps)] }
    )
  }

  /// Through time, as `rnn_layer.c` and `crnn_layer.c` do it. Two things there are not the derivative:
  ///
  /// - the input unit gets the δ that the recurrent unit is done with, so that it has been through the
  ///   recurrent unit's σ′ and normalization before it goes through the input unit's own;
  /// - with `shortcut=1` the state before gets that same δ, and the output unit's weights see the state
  ///   without what was carried over, because darknet rebuilds it so for the backward pass.
  private func back(
    _ step: BackwardStep, _ steps: [SimpleStep<Double>]
  ) throws(ModelFileError) -> [Double] {
    let isExact = step.pass.isExactInTime
    var below: [[Double]] = []
    var carried = steps[0].recurrence.output.values.map { _ in 0.0 }
    for (t, values) in steps.enumerated().reversed() {
      var seen = values.output
      if keepsState, !isExact {
        seen.input.values = values.input.output.values.plus(values.recurrence.output.values)
      }
      let delta = try output.back(step.delta.run(t, of: timeSteps), through: seen, step)
        .input.plus(carried)
      let recurrent = try recurrence.back(delta, through: values.recurrence, step)
      let handedOn = isExact ? delta : recurrent.product
      carried = keepsState ? recurrent.input.plus(handedOn) : recurrent.input
      below.append(try input.back(handedOn, through: values.input, step).input)
    }
    return below.reversed().flatMap { $0 }
  }
}
