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
      result[port.node] = input
    }
    return result
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
