import FileSupport
import ModelGraph

extension Parameter {
  /// The same numbers with the axes in another order: axis *i* is `order[i]` of this.
  func permuted(_ order: [Int]) -> Parameter {
    Parameter(
      array, of: layer, role: role, shape: Shape(order.map { shape.extents[$0] }),
      elementType: elementType, view: view.permuted(order), source: source)
  }

  /// The same numbers in the same order under another shape.
  func reshaped(to shape: Shape) -> Parameter {
    Parameter(
      array, of: layer, role: role, shape: shape, elementType: elementType, view: view,
      source: source)
  }

  /// The numbers as they are stored, under another shape.
  func asStored(_ shape: Shape) -> Parameter {
    Parameter(array, of: layer, role: role, shape: shape, elementType: elementType, source: source)
  }

  /// A row of a matrix that is stored in its own order.
  func row(_ index: Int) -> Parameter {
    let count = shape.extents.last ?? 0
    let size = count.clampedProduct(elementType.byteCount)
    return Parameter(
      array, of: layer, role: role, shape: [count], elementType: elementType,
      source: source.map {
        PartSource(source: $0, start: index.clampedProduct(size), byteCount: size)
      })
  }

  /// The sum of the two rows of a matrix of float32 numbers that is stored in its own order.
  var sumOfRows: Parameter {
    let count = shape.extents.last ?? 0
    return Parameter(
      array, of: layer, role: role, shape: [count], elementType: elementType,
      source: source.map { RowSumSource(source: $0, byteCount: $0.byteCount / 2) })
  }

  /// The kernels, the kernels of the state and the biases of gates, each along a new first axis and called as today.
  ///
  /// - Parameter gates: the three arrays of each gate.
  static func stacked(gates: [[Parameter]]) throws(ModelFileError) -> [Parameter] {
    try ["kernel", "recurrent_kernel", "bias"].enumerated().map {
      (index, name) throws(ModelFileError) in
      try stacked(gates.map { $0[index] }, as: name)
    }
  }

  /// Arrays of one shape and type along a new first axis, under the name of the first one's kind.
  private static func stacked(
    _ parameters: [Parameter], as name: String
  ) throws(ModelFileError) -> Parameter {
    let sources = parameters.compactMap(\.source)
    guard let first = parameters.first,
      sources.isEmpty || sources.count == parameters.count,
      parameters.allSatisfy({ $0.shape == first.shape && $0.elementType == first.elementType })
    else {
      throw ModelFileError(
        .damaged, at: parameters.prefix(1).map { .array($0.name) },
        "the arrays of a layer's gates have different shapes or types")
    }
    // Inside of a wrapper the names of what it lies in stand before its own.
    let owners = first.array.split(separator: "/").dropLast() + [Substring(name)]
    return Parameter(
      owners.joined(separator: "/"), of: first.layer, role: first.role,
      shape: Shape([parameters.count] + first.shape.extents),
      elementType: first.elementType, source: sources.isEmpty ? nil : JoinedSource(sources))
  }

  /// The numbers rounded to a smaller type, as Keras casts variables under a mixed policy.
  func rounded(to type: ElementType) -> Parameter {
    guard elementType == .float32, let source else { return self }
    return Parameter(
      array, of: layer, role: role, shape: shape, elementType: elementType, view: view,
      source: CastSource(source: source, type: type))
  }
}

/// float32 numbers that are rounded to a smaller type when they are read.
struct CastSource: TensorSource {
  let source: any TensorSource
  let type: ElementType

  var byteCount: Int { source.byteCount }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    try source.read(into: buffer, at: offset)
    let values = buffer.bindMemory(to: Float.self)
    for index in values.indices {
      values[index] =
        type == .float16 ? values[index].roundedToHalf : values[index].roundedToBrainFloat
    }
  }
}

/// A range of another tensor's bytes.
struct PartSource: TensorSource {
  let source: any TensorSource
  let start: Int
  let byteCount: Int

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    try source.read(into: buffer, at: start + offset)
  }
}

/// The sums of the float32 numbers in the two halves of another tensor.
struct RowSumSource: TensorSource {
  let source: any TensorSource
  let byteCount: Int

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    let other = UnsafeMutableRawBufferPointer.allocate(
      byteCount: buffer.count, alignment: MemoryLayout<Float>.alignment)
    defer { other.deallocate() }
    try source.read(into: buffer, at: offset)
    try source.read(into: other, at: byteCount + offset)
    let (sums, terms) = (buffer.bindMemory(to: Float.self), other.bindMemory(to: Float.self))
    for index in sums.indices { sums[index] += terms[index] }
  }
}

/// Tensors of the same size, one behind the other.
struct JoinedSource: TensorSource {
  private let sources: [any TensorSource]
  private let size: Int
  let byteCount: Int

  init(_ sources: [any TensorSource]) {
    self.sources = sources
    size = sources.first?.byteCount ?? 0
    byteCount = size * sources.count
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    var done = 0
    while done < buffer.count {
      let (index, inside) = (offset + done).quotientAndRemainder(dividingBy: size)
      let count = min(size - inside, buffer.count - done)
      try sources[index].read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + count)]), at: inside)
      done += count
    }
  }
}
