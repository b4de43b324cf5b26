import FileSupport
import ModelGraph

extension ConvLSTM: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let node = node.loadingOnce
    let steps = try node.inputs[0].timeSteps(timeSteps)
    var h = TensorOf<Scalar>(zeros: node.shape, batch: steps[0].batch)
    var c = h
    var values: [Scalar] = []
    for x in steps {
      var seen = x
      if case .bottleneck(let unit) = recurrence {
        let both = try unit.values(of: .joiningChannels([h, x], node.layout), node).output
        seen = cellActivation.apply(to: both, node.layout)
      }
      /// `[W ∗ h(t−1)] + U ∗ x(t) [+ V ∗ c]`
      func sum(
        _ gate: KeyPath<Gates, ConvolutionUnit>, _ peephole: ConvolutionUnit?
      ) throws(ModelFileError) -> TensorOf<Scalar> {
        var result = try input[keyPath: gate].values(of: seen, node).output
        if case .gates(let ofState) = recurrence {
          result = try ofState[keyPath: gate].values(of: h, node).output
            .combined(with: result) { $0 + $1 }
        }
        if let peephole {
          result = result.combined(with: try peephole.values(of: c, node).output) { $0 + $1 }
        }
        return result
      }
      let f = try sum(\.forget, peepholes?.forget).mapped(Formula.logistic)
      let i = try sum(\.input, peepholes?.input).mapped(Formula.logistic)
      let g = cellActivation.apply(to: try sum(\.candidate, nil), node.layout)
      c = f.combined(with: c) { $0 * $1 }
        .combined(with: i.combined(with: g) { $0 * $1 }) { $0 + $1 }
      let o = try sum(\.output, peepholes?.output).mapped(Formula.logistic)
      h = o.combined(with: cellActivation.apply(to: c, node.layout)) { $0 * $1 }
      if let stateLimit { c = c.mapped { min(max($0, -stateLimit), stateLimit) } }
      values += (addsBottleneck ? Self.adding(seen, to: h) : h).values
    }
    return node.result(values)
  }

  /// What the bottleneck gives, added to the first half of each sample.
  private static func adding<Scalar>(
    _ bottleneck: TensorOf<Scalar>, to h: TensorOf<Scalar>
  ) -> TensorOf<Scalar> where Scalar: ReferenceScalar {
    var values = h.values
    let count = h.sampleCount
    for index in values.indices where index % max(count, 1) < count / 2 {
      values[index] = Scalar(Double(values[index]) + Double(bottleneck.values[index]))
    }
    return TensorOf(shape: h.shape, values: values)
  }
}

extension History: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let steps = try node.inputs[0].timeSteps(timeSteps)
    var past = [TensorOf<Scalar>](
      repeating: TensorOf(zeros: node.inputs[0].sample, batch: steps[0].batch), count: frames)
    var values: [Scalar] = []
    for x in steps {
      past = [x] + past.dropLast()
      values += TensorOf.joiningChannels(past, node.layout).values
    }
    return node.result(values)
  }
}
