import FileSupport
import ModelGraph

extension KerasLayers {
  /// A fully connected layer along the last axis.
  public struct Dense: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Dense"
    /// The number of outputs.
    public let units: Int
    /// Whether there is a bias.
    public let usesBias: Bool
    /// The function applied to the result.
    public let activation: String

    /// A layer without activation.
    public init(units: Int, usesBias: Bool) {
      self.units = units
      self.usesBias = usesBias
      activation = "linear"
    }

    /// Reads `units` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      units = try configuration.integer("units")
      usesBias = try configuration.truth("use_bias", default: true)
      activation = try configuration.function("activation", default: "linear")
    }

    /// Keys that differ from Keras's defaults, and the one that has none.
    public var configuration: JSONObject {
      var members: JSONObject = ["units": JSONValue(units)]
      members.set("use_bias", .bool(usesBias), unless: true)
      members.set("activation", .string(activation), unless: "linear")
      return members
    }

    /// The last extent becomes `units`.
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      Shape(try inputs.single().extents.dropLast() + [units])
    }

    /// `kernel [in, units]`, `bias [units]`
    public func variables(for inputs: [Shape]) throws(ModelFileError) -> [KerasVariableForm] {
      let width = try inputs.single().extents.last ?? 1
      return [KerasVariableForm("kernel", [width, units], .weights)]
        + (usesBias ? [KerasVariableForm("bias", [units], .biases)] : [])
    }
  }
}
