import FileSupport
import ModelGraph

extension FullyConnected: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    context.result(try loaded(context).apply(inputs[0], context.workers))
  }

  /// Rows of *W*.
  var outputs: Int { weights.shape.extents[0] }

  /// The product with its numbers.
  func loaded(_ context: KernelContext) throws(ModelFileError) -> MatrixVector {
    // The shape rule has held the columns of W against the input.
    MatrixVector(
      weights: try context.values(of: weights, shape: weights.shape),
      biases: try context.optionalValues(of: biases, shape: [outputs]),
      outputs: outputs, inputs: weights.shape.extents[1])
  }
}

/// `z = W a + b` with the numbers of *W* and *b*.
struct MatrixVector: Sendable {
  /// *W*, `[outputs, inputs]`.
  let weights: [Float]
  /// *b*, if there is one.
  let biases: [Float]?
  /// Rows of *W*.
  let outputs: Int
  /// Columns of *W*.
  let inputs: Int

  /// *z* for every sample.
  func apply(_ a: Tensor, _ workers: Workers) -> [Float] {
    workers.fill(parts: a.batch * outputs, of: 1) { part, run in
      run[0] = Float(value(part % outputs, a.values, sample: part / outputs))
    }
  }

  /// `z_j = Σ_k w_jk a_k + b_j` of one sample.
  private func value(_ j: Int, _ a: [Float], sample: Int) -> Double {
    var sum = 0.0
    for k in 0..<inputs {
      sum += Double(weights[j * inputs + k]) * Double(a[sample * inputs + k])
    }
    return sum + Double(biases?[j] ?? 0)
  }
}
