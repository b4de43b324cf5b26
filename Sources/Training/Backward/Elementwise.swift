import FileSupport
import ModelGraph

extension Input: BackwardKernel {
  /// The network puts the data in its place.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    throw ModelFileError(.internalFault, "an input was computed")
  }
}

extension Reshaping: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    (inputs[0].numbers, Self.unchanged)
  }
}

extension Affine: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    (
      inputs[0].numbers.map { scale * $0 + offset },
      { step in [step.delta.map { scale * $0 }] }
    )
  }
}

extension Zeros: BackwardKernel {
  /// In training the layer of a cost: it hands its input on, so that the loss can be attached here.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    (inputs[0].numbers, Self.unchanged)
  }
}

extension ZeroExtension: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let own = x.sampleCount
    let zeros = [Double](repeating: 0, count: count)
    let result = (0..<x.batch).flatMap { x.numbers[($0 * own)..<(($0 + 1) * own)] + zeros }
    let length = own + count
    return (
      result,
      { step in
        [(0..<x.batch).flatMap { step.delta[($0 * length)..<($0 * length + own)] }]
      }
    )
  }
}

extension LearnedConstant: BackwardKernel {
  /// `∂values = Σ over the samples of δ` (`representation_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let own = pass.parameters.values(of: values)
    return (
      (0..<pass.batch).flatMap { _ in own },
      { step in
        var sums = [Double](repeating: 0, count: own.count)
        for (index, delta) in step.delta.enumerated() { sums[index % own.count] += delta }
        step.parameters.accumulate(sums, for: values)
        return [nil]
      }
    )
  }
}

extension Dropout: BackwardKernel {
  /// A number is dropped with the chance *p*; what stays is divided by 1 − *p*, δ likewise
  /// (`dropout_layer.c`). darknet changes the values of the layer before it in place, so that its σ′
  /// sees what was dropped: ``Network`` writes the result back for that reason.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    var chance = pass.randomness
    let kept = 1 / (1 - probability)
    let mask = inputs[0].numbers.map { _ in chance.unit() < probability ? 0 : kept }
    return (
      zip(inputs[0].numbers, mask).map { $0 * $1 },
      { step in [zip(step.delta, mask).map { $0 * $1 }] }
    )
  }
}
