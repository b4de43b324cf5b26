import FileSupport
import ModelGraph

extension ParametricRelu: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0].values
    let shape = slopes.shape
    // The same slopes for every sample.
    let numbers = Tensor(
      shape: Shape([1] + shape.extents), values: try context.values(of: slopes, shape: shape))
    let extents = [context.batch] + context.shape.extents
    let parts = AxisParts(of: extents)
    let walk = AxisWalk(
      extents: extents, strides: [0] + numbers.strides(repeatedTo: context.shape).dropFirst(),
      parts: parts)
    return context.result(
      context.workers.fill(parts: parts.count, of: parts.size) { part, run in
        walk.forEachRun(in: part) { place, other in
          for index in 0..<walk.count {
            let value = x[part * parts.size + place + index]
            let slope = numbers.values[other + index * walk.stride]
            run[place + index] = value > 0 ? value : Float(Double(slope) * Double(value))
          }
        }
      })
  }
}
