import FileSupport
import ModelGraph

/// The name and shape of a variable that a layer has.
public struct KerasVariableForm: Sendable, Equatable {
  /// The name within the layer.
  public let name: String
  /// The shape.
  public let shape: Shape
  /// What it is for, in the words of the graph.
  public let role: ParameterRole

  /// A form.
  public init(_ name: String, _ shape: Shape, _ role: ParameterRole) {
    self.name = name
    self.shape = shape
    self.role = role
  }
}

/// A class of Keras layers: its configuration, shape rule and variables. `Layers/` has a room for each.
///
/// A configuration is written with the few keys that tf_keras and Keras 3 both take, since a key that
/// either does not know stops it from loading. Reading takes more, with Keras's defaults.
public protocol KerasLayerClass: Sendable {
  /// The name by which `model_config` calls the class.
  static var className: String { get }

  /// The same of an instance; only ``UnknownLayer`` has another one.
  var className: String { get }

  /// The configuration without the layer's name.
  var configuration: JSONObject { get }

  /// Reads a configuration.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` naming the key.
  init(_ configuration: KerasConfiguration) throws(ModelFileError)

  /// The shape of the layer's value; all shapes are without the batch axis.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the inputs don't fit.
  func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape

  /// The variables in Keras's order: trainable ones first, then the others.
  func variables(for inputs: [Shape]) throws(ModelFileError) -> [KerasVariableForm]
}

extension KerasLayerClass {
  /// The name of the class.
  public var className: String { Self.className }

  /// Most layers have no variables.
  public func variables(for inputs: [Shape]) throws(ModelFileError) -> [KerasVariableForm] { [] }

  /// Many layers keep the shape of their only input.
  public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
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

  /// Keeps a configuration.
  public init(_ configuration: KerasConfiguration) {
    className = configuration.className
    self.configuration = configuration.members
  }

  /// - Throws: `ModelFileError` of kind `unsupported`, always.
  public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
    throw ModelFileError(.unsupported, "the Keras layer class '\(className)' is not supported")
  }
}

extension [Shape] {
  /// The only input of a layer that takes one.
  func single() throws(ModelFileError) -> Shape {
    guard count == 1, let first else {
      throw ModelFileError(
        .damaged, "takes another number of inputs", expected: "1", found: "\(count)")
    }
    return first
  }

  /// The only input, which must be an image of two spatial axes.
  func singleImage() throws(ModelFileError) -> Shape {
    let shape = try single()
    guard shape.rank == 3 else {
      throw ModelFileError(.damaged, "takes an image", expected: "3 axes", found: "\(shape)")
    }
    return shape
  }

  /// The shape of an element-wise combination: the larger of the extents, axis by axis, where an
  /// extent of 1 is repeated.
  func broadcast() throws(ModelFileError) -> Shape {
    guard var result = first?.extents else {
      throw ModelFileError(.damaged, "combines nothing", expected: "at least one input")
    }
    for shape in dropFirst() {
      let fits =
        shape.rank == result.count
        && zip(shape.extents, result).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
      guard fits else {
        throw ModelFileError(
          .damaged, "combines values whose shapes don't fit", found: "\(self)")
      }
      result = zip(shape.extents, result).map { $0 == 1 ? $1 : $0 }
    }
    return Shape(result)
  }
}
