import FileSupport
import ModelGraph

extension LocalResponseNormalization: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.inputs[0].mappingPixels(node.layout) { x in
      zip(x, sums(of: x.map(Float.init))).map { $0 * Formula.power(Double($1), -beta) }
    }
  }

  /// *n* of every channel: darknet's running sum, or where that is not positive the whole window's. The
  /// sums are of floats: where they nearly cancel out, their rounding decides the result.
  private func sums(of x: [Float]) -> [Float] {
    let alpha = Float(alpha)
    let squares = x.map { $0 * $0 }
    var sum = Float(kappa)
    for k in 0..<(size / 2) { sum += alpha * squares[k] }
    var result: [Float] = []
    for k in x.indices {
      if k > 0 {
        let previous = k - (size - 1) / 2 - 1
        let next = k + size / 2
        if squares.indices.contains(previous) { sum -= alpha * squares[previous] }
        if squares.indices.contains(next) { sum += alpha * squares[next] }
      }
      let window = max(k - (size - 1) / 2, 0)...min(k + size / 2, squares.count - 1)
      result.append(
        sum > 0 ? sum : window.reduce(Float(kappa)) { $0 + alpha * squares[$1] })
    }
    return result
  }
}

extension L2Normalization: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.inputs[0].mappingPixels(node.layout) { x in
      let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return x.map { $0 / length }
    }
  }
}
