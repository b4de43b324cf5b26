import FileSupport
import ModelGraph

/// A class of Keras layers: its configuration, shape rule and variables. `Layers/` has a room for each.
///
/// A configuration is written with the few keys that tf_keras and Keras 3 both take, since a key that
/// either does not know stops it from loading. Reading takes more, with Keras's defaults.
public protocol KerasLayerClass: Sendable {
  /// The name by which `model_config` calls the class.
  static var className: String { get }

  /// Other names for it: of another number of spatial axes, or in older versions of Keras.
  static var aliases: [String] { get }

  /// The name of an instance, one of the above.
  var className: String { get }

  /// The name of the class in Keras's source, after which Keras 3's layout calls the layer's group.
  var sourceName: String { get }

  /// The names of the arguments that Keras lets pass by position, in order.
  static var callParameters: [String] { get }

  /// How many of those arguments, from the first on, are values that the layer works on; 0 for all.
  static var inputParameterCount: Int { get }

  /// Whether the layer made its variables itself, rather than layers in it, which have flags of their own that say
  /// whether training changes them.
  var ownsVariables: Bool { get }

  /// The configuration without the layer's name.
  var configuration: JSONObject { get }

  /// Reads a configuration.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` naming the key.
  init(_ configuration: KerasConfiguration) throws(ModelFileError)

  /// The shape of the layer's value; all shapes are without the batch axis.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the inputs don't fit.
  /// Of kind `unsupported` if they depend on something that is not known.
  func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape

  /// The shapes of all values, for a layer that has several.
  func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape]

  /// The shapes of all values, where the call's other arguments matter too.
  func outputShapes(
    of inputs: [KerasShape], in call: KerasCall
  ) throws(ModelFileError) -> [KerasShape]

  /// The variables in the order in which Keras makes them, which is that of Keras 3's layout.
  func variables(for inputs: [KerasShape]) throws(ModelFileError) -> [KerasVariableForm]

  /// Adds what the layer computes to a graph, and takes its variables in their order.
  ///
  /// - Returns: the layer's values, as many as it has shapes.
  /// - Throws: `ModelFileError` of kind `unsupported` naming what can't be computed.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue]
}

extension KerasLayerClass {
  /// The name of the class.
  public var className: String { Self.className }

  /// Most classes are called so in Keras's source too.
  public var sourceName: String { className }

  /// Most classes have one name.
  public static var aliases: [String] { [] }

  /// Most layers have no others in them.
  public var ownsVariables: Bool { true }

  /// Most layers work on one argument, a value or a list of them.
  public static var callParameters: [String] { ["inputs"] }

  /// Most layers work on one argument, a value or a list of them.
  public static var inputParameterCount: Int { 1 }

  /// Most layers have no variables.
  public func variables(
    for inputs: [KerasShape]
  ) throws(ModelFileError) -> [KerasVariableForm] { [] }

  /// Most layers have one value.
  public func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
    [try outputShape(of: inputs)]
  }

  /// Most layers' shapes depend on their inputs alone.
  public func outputShapes(
    of inputs: [KerasShape], in call: KerasCall
  ) throws(ModelFileError) -> [KerasShape] {
    try outputShapes(of: inputs)
  }

  /// Many layers keep the shape of their only input.
  public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
    try inputs.single()
  }
}

/// A layer of a class that has no room here: its configuration is kept as it is.
public struct UnknownLayer: KerasLayerClass {
  /// No class of Keras.
  public static let className = ""
  /// The name that the file gives.
  public let className: String
  /// The configuration as the file has it.
  public let configuration: JSONObject

  /// What is not supported of a class that is known.
  private let reason: ModelFileError?
  /// Whether the file says that the class lies outside of Keras.
  private let isOutside: Bool

  /// What it would be, were it not for that.
  private let known: (any KerasLayerClass)?

  /// Keeps a configuration.
  public init(_ configuration: KerasConfiguration) { self.init(configuration, reason: nil) }

  init(
    _ configuration: KerasConfiguration, reason: ModelFileError?,
    known: (any KerasLayerClass)? = nil
  ) {
    self.known = known
    className = configuration.className
    self.configuration = configuration.members
    self.reason = reason
    isOutside = configuration.isOutside
  }

  /// What a user should know of a layer of this class, if it is none of Keras's.
  public var oddity: String? {
    let name = className.escapedForTerminal
    if isForeignCode {
      return "a \(name) layer stands for code of its own, which is never run: the model can't be "
        + "computed"
    }
    guard reason == nil, !KerasNames.isKnown(className) else { return nil }
    return
      "the class '\(name)' is none of Keras's: it needs code of its author's to be loaded, and the "
      + "model can't be computed"
  }

  /// Whether it stands for a program of the author's or for an operation outside Keras's layers, which
  /// is listed, and never run.
  public var isForeignCode: Bool {
    isOutside || className.contains(">")
      || ["Lambda", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"]
        .contains(className)
  }

  /// The shapes that the class gives by what is known of it.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if the class is not known.
  public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
    try outputShapes(of: inputs).main()
  }

  /// The shapes that the class gives by what is known of it.
  public func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
    guard let known else { throw refusal }
    return try known.outputShapes(of: inputs)
  }

  /// The variables that the class has by what is known of it.
  public func variables(
    for inputs: [KerasShape]
  ) throws(ModelFileError) -> [KerasVariableForm] {
    guard let known else { throw refusal }
    return try known.variables(for: inputs)
  }

  /// - Throws: `ModelFileError` of kind `unsupported`, always. Nothing of the author's is ever run.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    throw refusal
  }

  /// Why it can't be computed.
  var refusal: ModelFileError {
    if let reason { return reason }
    if let why = RefusedClasses.reasons[className] {
      return ModelFileError(
        .unsupported, "a layer of class '\(className)' \(why), which can't be computed",
        remedy: "`nnfmt layers` lists what can be run")
    }
    return ModelFileError(
      .unsupported,
      isForeignCode
        ? "a layer of class '\(className.escapedForTerminal)' is code of its author's, which is "
          + "never run"
        : "the Keras layer class '\(className.escapedForTerminal)' can't be computed",
      remedy: "`nnfmt layers` lists what can be run")
  }
}
