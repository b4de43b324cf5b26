import FileSupport
import ModelGraph

extension FullyConnected: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.result(try loaded(node).apply(node.inputs[0], threads: node.workers.threads))
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
package struct MatrixVector<Scalar: ReferenceScalar>: Sendable {
  private let weights: [Scalar]
  private let biases: [Scalar]?
  private let outputs: Int
  private let inputs: Int

  /// The product with *W*, `[outputs, inputs]`, and *b* if there is one.
  package init(weights: [Scalar], biases: [Scalar]?, outputs: Int, inputs: Int) {
    self.weights = weights
    self.biases = biases
    self.outputs = outputs
    self.inputs = inputs
  }

  /// Rows that are summed side by side: a sum waits for its last product, another row's does not.
  private static var block: Int { 4 }

  /// *z* for every sample.
  package func apply(_ a: TensorOf<Scalar>, threads: Int) -> [Scalar] {
    let blocks = (outputs + Self.block - 1) / Self.block
    let z: [Scalar] = Workers(threads: threads).fill(parts: a.batch * blocks, of: Self.block) {
      part, run in
      let (sample, block) = part.quotientAndRemainder(dividingBy: blocks)
      let sums = sums(from: block * Self.block, a.values, sample: sample)
      for row in 0..<Self.block { run[row] = Scalar(sums[row]) }
    }
    if outputs == blocks * Self.block { return z }
    return stride(from: 0, to: z.count, by: blocks * Self.block).flatMap { z[$0..<($0 + outputs)] }
  }

  /// `z_j = Σ_k w_jk a_k + b_j` of one sample for a block of *j*; behind the last row it is repeated.
  private func sums(from first: Int, _ a: [Scalar], sample: Int) -> SIMD4<Double> {
    func row(_ number: Int) -> Int { min(first + number, outputs - 1) }
    let starts = (row(0) * inputs, row(1) * inputs, row(2) * inputs, row(3) * inputs)
    var sums = SIMD4<Double>.zero
    for k in 0..<inputs {
      let column = SIMD4(
        Double(weights[starts.0 + k]), Double(weights[starts.1 + k]),
        Double(weights[starts.2 + k]), Double(weights[starts.3 + k]))
      sums += column * Double(a[sample * inputs + k])
    }
    for number in 0..<Self.block { sums[number] += Double(biases?[row(number)] ?? 0) }
    return sums
  }
}
