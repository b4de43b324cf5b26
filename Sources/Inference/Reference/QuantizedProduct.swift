import FileSupport
import ModelGraph

extension QuantizedProduct: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0].values
    let (outputs, count) = (weights.shape.extents[0], weights.shape.extents[1])
    let numbers = try node.values(of: weights, shape: weights.shape)
    let scales = try node.values(of: scales, shape: [outputs])
    let biases = try node.optionalValues(of: biases, shape: [outputs])
    let rows = node.inputs[0].shape.extents.dropLast().reduce(1, *)
    return node.result(
      node.workers.fill(parts: rows, of: outputs) { part, run in
        let row = QuantizedRow(x[(part * count)..<((part + 1) * count)])
        for j in 0..<outputs {
          var sum = 0.0
          for k in 0..<count { sum += Double(numbers[j * count + k]) * row.numbers[k] }
          let scale = Double(scales[j]) * Double(row.scale)
          run[j] = Scalar(sum / scale + Double(biases?[j] ?? 0))
        }
      })
  }
}

/// Numbers as whole ones between −127 and 127, by the rule of `QuantizedProduct`.
private struct QuantizedRow<Scalar: ReferenceScalar> {
  /// The whole numbers.
  let numbers: [Double]
  /// What the numbers were multiplied by before they were rounded.
  let scale: Scalar

  init(_ x: ArraySlice<Scalar>) {
    let largest = x.reduce(0) { max($0, $1.magnitude) }
    let scale = 127 / (largest + 1e-7)
    self.scale = scale
    numbers = x.map { Double(min(max(($0 * scale).rounded(.toNearestOrEven), -127), 127)) }
  }
}
