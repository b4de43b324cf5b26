import FileSupport
import ModelGraph

extension Concatenation: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    Tensor.joining(inputs, axis: axis ?? context.layout.channelAxis(rank: context.shape.rank))
  }
}

extension Tensor {
  /// The channels of tensors that agree in all else, one tensor's after the other's.
  static func joiningChannels(_ tensors: [Tensor], _ layout: ImageLayout) -> Tensor {
    joining(tensors, axis: layout.channelAxis(rank: (tensors.first?.shape.rank ?? 1) - 1))
  }

  /// Tensors that agree in all but one axis of the sample, side by side along that.
  static func joining(_ tensors: [Tensor], axis: Int) -> Tensor {
    var extents = tensors.first?.shape.extents ?? [0, 0]
    let outer = extents[...axis].reduce(1, *)
    let counts = tensors.map { $0.shape.extents[(axis + 1)...].reduce(1, *) }
    var values: [Float] = []
    values.reserveCapacity(outer * counts.reduce(0, +))
    for position in 0..<outer {
      for (tensor, count) in zip(tensors, counts) {
        values += tensor.values[(position * count)..<((position + 1) * count)]
      }
    }
    extents[axis + 1] = tensors.reduce(0) { $0 + $1.shape.extents[axis + 1] }
    return Tensor(shape: Shape(extents), values: values)
  }
}

extension ChannelSlice: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let view = inputs[0].channelView(context.layout)
    var result: [Float] = []
    result.reserveCapacity(context.batch * context.shape.elementCount)
    for outer in 0..<view.outer {
      let start = (outer * view.channels + channels.lowerBound) * view.inner
      result += inputs[0].values[start..<(start + channels.count * view.inner)]
    }
    return context.result(result)
  }
}

extension Addition: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    var sums = inputs[0].values.map(Double.init)
    let first = inputs[0].channelView(context.layout)
    for input in inputs.dropFirst() {
      let view = input.channelView(context.layout)
      let count = min(view.channels, first.channels) * view.inner
      for outer in 0..<first.outer {
        let target = outer * first.channels * first.inner
        let source = outer * view.channels * view.inner
        for index in 0..<count { sums[target + index] += Double(input.values[source + index]) }
      }
    }
    return context.result(sums.map(Float.init))
  }
}

extension Multiplication: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let extents = [context.batch] + context.shape.extents
    let a = RepeatedAxes(inputs[0], to: extents)
    let b = RepeatedAxes(inputs[1], to: extents)
    let count = context.batch * context.shape.elementCount
    return context.result((0..<count).map { a[$0] * b[$0] })
  }
}

/// A tensor whose axes of extent 1 are repeated until it has the extents wanted.
private struct RepeatedAxes {
  private let values: [Float]
  private let extents: [Int]
  /// The distance between neighbours on each axis, 0 where the axis is repeated.
  private let strides: [Int]
  private let isWhole: Bool

  init(_ tensor: Tensor, to extents: [Int]) {
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
  subscript(position: Int) -> Float {
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
