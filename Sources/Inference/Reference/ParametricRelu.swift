import FileSupport
import ModelGraph

extension ParametricRelu: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0].values
    let shape = slopes.shape
    // The same slopes for every sample.
    let numbers = TensorOf(
      shape: Shape([1] + shape.extents), values: try node.values(of: slopes, shape: shape))
    let extents = [node.batch] + node.shape.extents
    let parts = AxisParts(of: extents)
    let walk = AxisWalk(
      extents: extents, strides: [0] + numbers.strides(repeatedTo: node.shape).dropFirst(),
      parts: parts)
    return node.result(
      node.workers.fill(parts: parts.count, of: parts.size) { part, run in
        walk.forEachRun(in: part) { place, other in
          for index in 0..<walk.count {
            let value = x[part * parts.size + place + index]
            let slope = numbers.values[other + index * walk.stride]
            run[place + index] = value > 0 ? value : Scalar(Double(slope) * Double(value))
          }
        }
      })
  }
}
