import FileSupport
import ModelGraph
import Synchronization

/// A whole model that is a layer of another one.
public struct NestedModel: KerasLayerClass {
  /// The usual class.
  public static let className = "Functional"
  /// The classes whose configuration lists layers.
  static let classNames: Set<String> = ["Functional", "Sequential", "Model"]
  /// What a model may be called with.
  public static let callParameters = ["inputs", "training", "mask"]
  /// Its class.
  public let className: String
  /// The configuration as the file has it.
  public let configuration: JSONObject
  let wiring: ModelWiring
  private let outcomes = KnownOutcomes()

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

  /// The values of a dictionary in the order of the model's inputs, which go by the names under which the model lists
  /// them, or else by those of their layers; `nil` if the names are others.
  func inOrder(_ members: [(name: String, value: KerasArgument)]) -> [KerasTensorReference]? {
    let values = masks(.dictionary(members))
    let present = values?.compactMap(\.self)
    return present?.count == values?.count ? present : nil
  }

  /// The masks of the model's inputs in their order, as a call passes them in a list or under the inputs' names; `nil` if
  /// they are others.
  func masks(_ argument: KerasArgument) -> [KerasTensorReference?]? {
    guard case .dictionary(let members) = argument else {
      let masks = argument.optionalTensors
      return masks.count == wiring.inputs.count ? masks : nil
    }
    let names = wiring.inputNames ?? wiring.inputs.map(\.layer)
    guard members.count == names.count else { return nil }
    var masks: [KerasTensorReference?] = []
    for name in names {
      switch members.first(where: { $0.name == name })?.value {
      case .tensor(let reference)?: masks.append(reference)
      case let other? where other.isNull: masks.append(nil)
      default: return nil
      }
    }
    return masks
  }

  /// The model with shapes and variables, if it is given values of these shapes.
  public func model(for inputs: [KerasShape]) throws(ModelFileError) -> KerasModel {
    try outcome(for: inputs).model
  }

  /// The model with shapes and variables, and those of all its layers together.
  func outcome(
    for inputs: [KerasShape]
  ) throws(ModelFileError) -> ShapeInference.Outcome {
    if let known = try outcomes.outcome(for: inputs) { return known }
    var budget = ShapeInference.largestBudget
    var inference = ShapeInference(wiring, inputs: inputs)
    let outcome = try inference.run(&budget)
    outcomes.keep(outcome, for: inputs)
    return outcome
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

/// What a nested model was worked out to be, by the shapes of its inputs: models in one another that are each
/// called several times would otherwise be gone through again and again.
private final class KnownOutcomes: Sendable {
  private let state = Mutex<(outcomes: [[KerasShape]: ShapeInference.Outcome], count: Int)>(
    ([:], 0))

  /// More shapes than any model is called with.
  private static let maximumCount = 1000

  /// The outcome for these shapes, if it is known; else one more is counted.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if there are too many.
  func outcome(
    for inputs: [KerasShape]
  ) throws(ModelFileError) -> ShapeInference.Outcome? {
    let (known, count) = state.withLock { state in
      if let known = state.outcomes[inputs] { return (ShapeInference.Outcome?.some(known), 0) }
      state.count += 1
      return (nil, state.count)
    }
    guard count <= Self.maximumCount else {
      throw ModelFileError(.damaged, "the model's layers are called too often")
    }
    return known
  }

  func keep(_ outcome: ShapeInference.Outcome, for inputs: [KerasShape]) {
    state.withLock { $0.outcomes[inputs] = outcome }
  }
}
