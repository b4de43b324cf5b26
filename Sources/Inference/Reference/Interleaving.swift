import FileSupport
import ModelGraph

extension Interleaving: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let channels = image.shape.extents[1]
    let area = image.shape.extents[2] * image.shape.extents[3]
    var result = image.values
    for sample in 0..<image.batch {
      let start = sample * channels * area
      for s in 0..<area {
        for c in 0..<channels {
          let planar = start + c * area + s
          let interleaved = start + s * channels + c
          if isReverse {
            result[planar] = image.values[interleaved]
          } else {
            result[interleaved] = image.values[planar]
          }
        }
      }
    }
    return node.imageResult(result)
  }
}
