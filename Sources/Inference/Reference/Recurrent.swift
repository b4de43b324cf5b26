import FileSupport
import ModelGraph

/// What a unit of a recurrent layer computed in a step.
package struct UnitValues<Scalar: ReferenceScalar> {
  /// *x*
  package var input: TensorOf<Scalar>
  /// `W x`, with the offsets if there is no normalization.
  package let product: TensorOf<Scalar>
  /// What σ was applied to.
  package let normalized: TensorOf<Scalar>
  /// `u(x)`
  package let output: TensorOf<Scalar>
}

extension RecurrentUnit {
  /// `u(x) = σ(W x + b)`, or `σ(bn(W x))`.
  package func values<Scalar>(
    of x: TensorOf<Scalar>, _ node: KernelContext<Scalar>
  ) throws(ModelFileError) -> UnitValues<Scalar> {
    let shape = try outputShape(of: x.sample, layout: node.layout)
    let z = try Scalar.value(of: product, node.at([x], shape: shape))
    var normalized = z
    if let normalization {
      normalized = try Scalar.value(of: normalization, node.at([z], shape: shape))
    }
    let output = try Scalar.value(of: Activation(activation), node.at([normalized], shape: shape))
    return UnitValues(input: x, product: z, normalized: normalized, output: output)
  }
}

/// What a plain recurrent layer computed in a step.
package struct SimpleStep<Scalar: ReferenceScalar> {
  /// What the input came to.
  package let input: UnitValues<Scalar>
  /// What the state before came to.
  package let recurrence: UnitValues<Scalar>
  /// What came out of the new state.
  package let output: UnitValues<Scalar>
}

extension SimpleRecurrence: ReferenceKernel where Product: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    var values: [Scalar] = []
    try forEachStep(node) { values += $0.output.output.values }
    return node.result(values)
  }
}

extension SimpleRecurrence {
  /// Computes step after step.
  package func forEachStep<Scalar>(
    _ node: KernelContext<Scalar>, _ body: (SimpleStep<Scalar>) -> Void
  ) throws(ModelFileError) {
    let node = node.loadingOnce
    let steps = try node.inputs[0].timeSteps(timeSteps)
    var state = TensorOf<Scalar>(
      zeros: try stateShape(of: node.inputs[0].sample, layout: node.layout),
      batch: steps[0].batch)
    for x in steps {
      let own = try input.values(of: x, node)
      let carried = try recurrence.values(of: state, node)
      let fresh = own.output.combined(with: carried.output) { $0 + $1 }
      state = keepsState ? fresh.combined(with: state) { $0 + $1 } : fresh
      body(SimpleStep(input: own, recurrence: carried, output: try output.values(of: state, node)))
    }
  }
}

extension TensorOf where Scalar: ReferenceScalar {
  /// Zeros.
  package init(zeros sample: Shape, batch: Int) {
    let shape = Shape([batch] + sample.extents)
    self.init(shape: shape, values: [Scalar](repeating: 0, count: shape.elementCount))
  }

  /// The steps of a batch of sequences, time being outermost.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it does not hold whole sequences.
  func timeSteps(_ count: Int) throws(ModelFileError) -> [TensorOf] {
    guard count > 0, batch % count == 0 else {
      throw ModelFileError(
        .damaged, "the input does not hold whole sequences",
        expected: "a first axis of time × batch: a multiple of \(count)", found: "\(batch)",
        remedy: "give \(count) samples for each sequence, the first of all sequences first")
    }
    let size = values.count / count
    return (0..<count).map {
      TensorOf(
        shape: Shape([batch / count] + sample.extents),
        values: Array(values[($0 * size)..<(($0 + 1) * size)]))
    }
  }

  /// A function of the numbers at the same place of two tensors, in double precision.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func combined(with other: TensorOf, _ function: (Double, Double) -> Double) -> TensorOf {
    TensorOf(
      shape: shape,
      values: zip(values, other.values).map { Scalar(function(Double($0), Double($1))) })
  }

  /// A function of each number, in double precision.
  func mapped(_ function: (Double) -> Double) -> TensorOf {
    TensorOf(shape: shape, values: values.map { Scalar(function(Double($0))) })
  }
}
