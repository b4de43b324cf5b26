import FileSupport
import ModelGraph

extension QuantizedProduct: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0].values
    let (outputs, count) = (weights.shape.extents[0], weights.shape.extents[1])
    let numbers = try context.values(of: weights, shape: weights.shape)
    let scales = try context.values(of: scales, shape: [outputs])
    let biases = try context.optionalValues(of: biases, shape: [outputs])
    let rows = inputs[0].shape.extents.dropLast().reduce(1, *)
    return context.result(
      context.workers.fill(parts: rows, of: outputs) { part, run in
        let row = QuantizedRow(x[(part * count)..<((part + 1) * count)])
        for j in 0..<outputs {
          var sum = 0.0
          for k in 0..<count { sum += Double(numbers[j * count + k]) * row.numbers[k] }
          let scale = Double(scales[j]) * Double(row.scale)
          run[j] = Float(sum / scale + Double(biases?[j] ?? 0))
        }
      })
  }
}

/// Numbers as whole ones between −127 and 127, by the rule of `QuantizedProduct`.
private struct QuantizedRow {
  /// The whole numbers.
  let numbers: [Double]
  /// What the numbers were multiplied by before they were rounded.
  let scale: Float

  init(_ x: ArraySlice<Float>) {
    let largest = x.reduce(0) { max($0, $1.magnitude) }
    let scale = 127 / (largest + 1e-7)
    self.scale = scale
    numbers = x.map { Double(min(max(($0 * scale).rounded(.toNearestOrEven), -127), 127)) }
  }
}
