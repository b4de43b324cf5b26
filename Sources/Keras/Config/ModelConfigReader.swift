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
    let wiring = try ModelWiring(config, className: className, depth: 0)
    var budget = ShapeInference.largestBudget
    var inference = ShapeInference(wiring)
    self = try inference.run(&budget).model
  }
}
