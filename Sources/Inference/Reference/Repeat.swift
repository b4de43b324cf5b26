import FileSupport
import ModelGraph

extension Repeat: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    // Every axis is walked as two: its elements, and each of them several times.
    let x = node.inputs[0]
    return node.result(
      x.walked(
        [node.batch] + zip(x.sample.extents, counts).flatMap { [$0, $1] },
        strides: [x.sampleCount] + x.shape.strides.dropFirst().flatMap { [$0, 0] },
        node.workers))
  }
}
