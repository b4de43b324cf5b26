import FileSupport
import ModelGraph

extension FullyConnected: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.result(try loaded(node).apply(node.inputs[0], node.workers))
  }

  /// Rows of *W*.
  var outputs: Int { weights.shape.extents[0] }

  /// The product with its numbers.
  func loaded<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> MatrixVector<Scalar>
  {
    // The shape rule has held the columns of W against the input.
    MatrixVector(
      weights: try node.values(of: weights, shape: weights.shape),
      biases: try node.optionalValues(of: biases, shape: [outputs]),
      outputs: outputs, inputs: weights.shape.extents[1])
  }
}

/// `z = W a + b` with the numbers of *W* and *b*.
struct MatrixVector<Scalar: ReferenceScalar>: Sendable {
  /// *W*, `[outputs, inputs]`.
  let weights: [Scalar]
  /// *b*, if there is one.
  let biases: [Scalar]?
  /// Rows of *W*.
  let outputs: Int
  /// Columns of *W*.
  let inputs: Int

  /// *z* for every sample.
  func apply(_ a: TensorOf<Scalar>, _ workers: Workers) -> [Scalar] {
    workers.fill(parts: a.batch * outputs, of: 1) { part, run in
      run[0] = Scalar(value(part % outputs, a.values, sample: part / outputs))
    }
  }

  /// `z_j = Σ_k w_jk a_k + b_j` of one sample.
  private func value(_ j: Int, _ a: [Scalar], sample: Int) -> Double {
    var sum = 0.0
    for k in 0..<inputs {
      sum += Double(weights[j * inputs + k]) * Double(a[sample * inputs + k])
    }
    return sum + Double(biases?[j] ?? 0)
  }
}
