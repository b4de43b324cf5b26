import FileSupport
import ModelGraph

extension Graph {
  /// The arrays that a model is given by the nodes of its inputs, each with a batch axis of the same extent: what every
  /// engine begins a run with.
  ///
  /// - Throws: `ModelFileError`: `usage` for another number of inputs, `damaged` for other shapes or numbers of samples.
  func given(_ arrays: [Tensor]) throws(ModelFileError) -> [Int: Tensor] {
    guard arrays.count == inputs.count else {
      throw ModelFileError(
        .usage, "the model takes another number of inputs", expected: "\(inputs.count)",
        found: "\(arrays.count)")
    }
    var result: [Int: Tensor] = [:]
    var batch: Int?
    for (tensor, port) in zip(arrays, inputs) {
      let input = try tensor.input(for: nodes[port.node].shape)
      guard batch == nil || batch == input.batch, input.batch > 0 else {
        throw ModelFileError(
          .damaged, "the inputs have another number of samples", expected: "\(batch ?? 1)",
          found: "\(input.batch)")
      }
      batch = input.batch
      do {
        result[port.node] = try input.cast(to: port.elementType)
      } catch {
        throw error.at(.path(port.name))
      }
    }
    return result
  }
}

extension Tensor {
  /// The same in numbers of another type: fractions are cut off of whole ones, and what is not 0 is true (`tf.cast`).
  /// Fractions stay as they are.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` for a number that the type does not have.
  func cast(to type: ElementType) throws(ModelFileError) -> Tensor {
    guard let range = type.wholeRange else { return self }
    if type == .bool { return Tensor(shape: shape, values: values.map { $0 == 0 ? 0 : 1 }) }
    let whole = values.map { $0.rounded(.towardZero) }
    guard let wrong = whole.firstIndex(where: { !range.contains(Double($0)) }) else {
      return Tensor(shape: shape, values: whole)
    }
    throw ModelFileError(
      .damaged, "a number of the input does not fit the type that the model declares",
      expected: "a number of \(type.rawValue)", found: "\(values[wrong])")
  }
}

extension Plan {
  /// Refuses values without numbers: an extent of 0 would hide what the others multiply to.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` naming the layer.
  func requireNumbers() throws(ModelFileError) {
    for node in steps.map(\.node) where node.shape.extents.contains(0) {
      let error = ModelFileError(
        .damaged, "its value has no numbers", expected: "extents of 1 or more",
        found: "\(node.shape)")
      throw node.layer.map { error.at($0.place) } ?? error
    }
  }

  /// Refuses what would make the system run out of memory, before anything is computed.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the values of so many samples take more than `limit` bytes.
  func requireMemory(batch: Int, limit: Int) throws(ModelFileError) {
    let values = peakElements.clampedProduct(batch)
    let bytes = values.clampedSum(parameterElements).clampedProduct(MemoryLayout<Float>.size)
    guard bytes <= limit else {
      throw ModelFileError(
        .damaged, "the values of the model take more memory than there is",
        expected: "at most \(limit) bytes", found: "\(bytes)",
        remedy: "give fewer samples at a time, or use a machine with more memory")
    }
  }
}
