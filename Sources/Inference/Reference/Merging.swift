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

extension ChannelSlice: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let view = node.inputs[0].channelView(node.layout)
    var result: [Scalar] = []
    result.reserveCapacity(node.batch * node.shape.elementCount)
    for outer in 0..<view.outer {
      let start = (outer * view.channels + channels.lowerBound) * view.inner
      result += node.inputs[0].values[start..<(start + channels.count * view.inner)]
    }
    return node.result(result)
  }
}

extension Addition: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    var sums = node.inputs[0].values.map(Double.init)
    let first = node.inputs[0].channelView(node.layout)
    for input in node.inputs.dropFirst() {
      let view = input.channelView(node.layout)
      let count = min(view.channels, first.channels) * view.inner
      for outer in 0..<first.outer {
        let target = outer * first.channels * first.inner
        let source = outer * view.channels * view.inner
        for index in 0..<count { sums[target + index] += Double(input.values[source + index]) }
      }
    }
    return node.result(sums.map(Scalar.init))
  }
}

extension Multiplication: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let extents = [node.batch] + node.shape.extents
    let a = RepeatedAxes(node.inputs[0], to: extents)
    let b = RepeatedAxes(node.inputs[1], to: extents)
    let count = node.batch * node.shape.elementCount
    return node.result((0..<count).map { a[$0] * b[$0] })
  }
}

/// A tensor whose axes of extent 1 are repeated until it has the extents wanted.
private struct RepeatedAxes<Scalar: ReferenceScalar> {
  private let values: [Scalar]
  private let extents: [Int]
  /// The distance between neighbours on each axis, 0 where the axis is repeated.
  private let strides: [Int]
  private let isWhole: Bool

  init(_ tensor: TensorOf<Scalar>, to extents: [Int]) {
    values = tensor.values
    self.extents = extents
    isWhole = tensor.shape.extents == extents
    var strides: [Int] = []
    var stride = 1
    for (own, wanted) in zip(tensor.shape.extents, extents).reversed() {
      strides.append(own == wanted ? stride : 0)
      stride *= own
    }
    self.strides = strides.reversed()
  }

  /// The number at a position in the C order of the extents wanted.
  subscript(position: Int) -> Scalar {
    if isWhole { return values[position] }
    var rest = position
    var index = 0
    for axis in extents.indices.reversed() {
      index += rest % extents[axis] * strides[axis]
      rest /= extents[axis]
    }
    return values[index]
  }
}
