import FileSupport
import ModelGraph

extension KerasModel {
  /// Reads a model's configuration: a `Sequential`, `Functional` or `Model` of any Keras, whose nodes
  /// are wired in the way of Keras 2 or 3. The variables have no numbers yet.
  ///
  /// A layer whose class is not known is kept, without variables and shape; so are the shapes of those
  /// behind it left open.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` naming the layer and key.
  public init(configuration: JSONValue) throws(ModelFileError) {
    try self.init(try Self.wiring(configuration))
  }

  /// The same with inputs of a certain size, where the configuration leaves extents open.
  ///
  /// - Parameters:
  ///   - configuration: the configuration.
  ///   - inputSizes: the extents of a sample of each input, in the model's order, without the batch axis; none for what the
  ///     configuration says.
  /// - Throws: as ``init(configuration:)``; of kind `usage` if there is not a size for each input, or one does not fit.
  public init(configuration: JSONValue, inputSizes: [Shape]) throws(ModelFileError) {
    let wiring = try Self.wiring(configuration)
    let declared = try KerasModel(wiring)
    guard !inputSizes.isEmpty else {
      self = declared
      return
    }
    let sizes = inputSizes.map { KerasShape($0) }
    try declared.check(sizes)
    do throws(ModelFileError) {
      for size in sizes { try ShapeInference.check(size) }
      try self.init(wiring, inputs: sizes)
    } catch {
      throw ModelFileError(
        .usage, at: error.places, "with an input of this size: \(error.problem)",
        expected: error.expected, found: error.found)
    }
  }

  /// Whether the inputs may have these sizes.
  private func check(_ sizes: [KerasShape]) throws(ModelFileError) {
    guard sizes.count == inputs.count else {
      let names = inputs.map { "'\($0.layer.escapedForTerminal)'" }.joined(separator: ", ")
      throw ModelFileError(
        .usage, "each input needs a size, in the model's order",
        expected: "\(inputs.count.counted("size")), for \(names)", found: "\(sizes.count)")
    }
    for (input, size) in zip(inputs, sizes) {
      let shape = layers.first { $0.name == input.layer }?.outputShape
      guard let shape else { continue }
      guard shape.rank == size.rank,
        zip(shape.extents, size.extents).allSatisfy({ $0 == nil || $0 == $1 })
      else {
        throw ModelFileError(
          .usage, "the size does not fit the input '\(input.layer.escapedForTerminal)'",
          expected: "\(shape)", found: "\(size)")
      }
    }
  }

  private static func wiring(_ configuration: JSONValue) throws(ModelFileError) -> ModelWiring {
    guard let className = configuration["class_name"]?.text, let config = configuration["config"]
    else {
      throw ModelFileError(
        .damaged, "the model's configuration lacks its class or its content",
        expected: "an object with 'class_name' and 'config'")
    }
    return try ModelWiring(config, className: className, depth: 0)
  }

  /// The model of layers that were read, with the shapes that its inputs are told to have, or those that are given.
  ///
  /// - Throws: as ``ShapeInference/run(_:)``.
  init(_ wiring: ModelWiring, inputs: [KerasShape]? = nil) throws(ModelFileError) {
    var budget = ShapeInference.largestBudget
    var inference = ShapeInference(wiring, inputs: inputs)
    self = try inference.run(&budget).model
  }
}
