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
    guard let className = configuration["class_name"]?.text, let config = configuration["config"]
    else {
      throw ModelFileError(
        .damaged, "the model's configuration lacks its class or its content",
        expected: "an object with 'class_name' and 'config'")
    }
    try self.init(try ModelWiring(config, className: className, depth: 0))
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
