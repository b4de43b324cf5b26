import FileSupport
import ModelGraph

extension Concatenation: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    TensorOf.joining(node.inputs, axis: axis ?? node.layout.channelAxis(rank: node.shape.rank))
  }
}

extension TensorOf where Scalar: ReferenceScalar {
  /// The channels of tensors that agree in all else, one tensor's after the other's.
  static func joiningChannels(_ tensors: [TensorOf], _ layout: ImageLayout) -> TensorOf {
    joining(tensors, axis: layout.channelAxis(rank: (tensors.first?.shape.rank ?? 1) - 1))
  }

  /// Tensors that agree in all but one axis of the sample, side by side along that.
  static func joining(_ tensors: [TensorOf], axis: Int) -> TensorOf {
    var extents = tensors.first?.shape.extents ?? [0, 0]
    let outer = extents[...axis].reduce(1, *)
    let counts = tensors.map { $0.shape.extents[(axis + 1)...].reduce(1, *) }
    var values: [Scalar] = []
    values.reserveCapacity(outer * counts.reduce(0, +))
    for position in 0..<outer {
      for (tensor, count) in zip(tensors, counts) {
        values += tensor.values[(position * count)..<((position + 1) * count)]
      }
    }
    extents[axis + 1] = tensors.reduce(0) { $0 + $1.shape.extents[axis + 1] }
    return TensorOf(shape: Shape(extents), values: values)
  }
}
