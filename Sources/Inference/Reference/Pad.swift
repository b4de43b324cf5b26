import FileSupport
import ModelGraph

extension Pad: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0]
    let size = x.sampleCount
    let strides = node.shape.strides
    let start = zip(margins, strides).reduce(0) { $0 + $1.0.before * $1.1 }
    let walk = AxisWalk(
      extents: x.sample.extents, strides: strides, from: start,
      parts: AxisParts(of: x.sample.extents, upTo: 0))
    let count = node.shape.elementCount
    let border = Scalar(value)
    return node.result(
      node.workers.fill(parts: node.batch, of: count) { sample, run in
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
