import FileSupport
import ModelGraph

/// A whole model that is a layer of another one.
public struct NestedModel: KerasLayerClass {
  /// The usual class.
  public static let className = "Functional"
  /// The classes whose configuration lists layers.
  static let classNames: Set<String> = ["Functional", "Sequential", "Model"]
  /// Its class.
  public let className: String
  /// The configuration as the file has it.
  public let configuration: JSONObject
  let wiring: ModelWiring

  /// Reads the model's layers.
  public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    guard configuration.depth < KerasConfiguration.maximumDepth else {
      throw ModelFileError(
        .damaged, "models lie too deep in one another",
        expected: "at most \(KerasConfiguration.maximumDepth) levels")
    }
    className = configuration.className
    self.configuration = configuration.members
    wiring = try ModelWiring(
      .object(configuration.members), className: className, depth: configuration.depth + 1)
  }

  /// The model with shapes and variables, if it is given values of these shapes.
  public func model(for inputs: [KerasShape]) throws(ModelFileError) -> KerasModel {
    try outcome(for: inputs).model
  }

  /// The model with shapes and variables, and those of all its layers together.
  func outcome(
    for inputs: [KerasShape]
  ) throws(ModelFileError) -> ShapeInference.Outcome {
    var budget = ShapeInference.largestBudget
    var inference = ShapeInference(wiring, inputs: inputs)
    return try inference.run(&budget)
  }

  /// The shape of the first output.
  public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
    try outputShapes(of: inputs).main()
  }

  /// The shapes of all outputs.
  public func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
    try outcome(for: inputs).outputs()
  }

  /// The variables of its layers, each under the layer's name.
  public func variables(
    for inputs: [KerasShape]
  ) throws(ModelFileError) -> [KerasVariableForm] {
    try outcome(for: inputs).variables()
  }
}
