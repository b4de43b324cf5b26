import FileSupport
import ModelGraph

extension Bordering: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0]
    let size = x.sampleCount
    let strides = context.shape.strides
    let start = zip(margins, strides).reduce(0) { $0 + $1.0.before * $1.1 }
    let walk = AxisWalk(
      extents: x.sample.extents, strides: strides, from: start,
      parts: AxisParts(of: x.sample.extents, upTo: 0))
    let count = context.shape.elementCount
    let border = Float(value)
    return context.result(
      context.workers.fill(parts: context.batch, of: count) { sample, run in
        for index in 0..<count { run[index] = border }
        walk.forEachRun { place, target in
          let source = sample * size + place
          for index in 0..<walk.count {
            run[target + index * walk.stride] = x.values[source + index]
          }
        }
      })
  }
}
