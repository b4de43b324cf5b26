import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if positive, else `α · x`, with an `α` for each element or each along some axes.
  public struct PReLU: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "PReLU"
    /// The axes along which `α` is the same, counted from 1.
    public let sharedAxes: [Int]
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `shared_axes`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      sharedAxes =
        configuration.isSet("shared_axes")
        ? try configuration.integerList("shared_axes", in: 1...32) : []
      self.configuration = configuration.members
    }

    /// `alpha`, of the input's shape with 1 on the shared axes.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      var extents: [Int] = []
      for position in 0..<input.rank {
        extents.append(sharedAxes.contains(position + 1) ? 1 : try input.extent(position))
      }
      return [KerasVariableForm("alpha", Shape(extents), .weights)]
    }
  }
}

extension KerasLayers.PReLU {
  /// The function with the learned slopes.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let slopes = try context.parameter("alpha")
    return [try context.apply(ParametricRelu(slopes: slopes), to: try call.input())]
  }
}
