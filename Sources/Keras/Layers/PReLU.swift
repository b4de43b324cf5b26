import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x` if positive, else `α · x`, with an `α` for each element or each along some axes.
  struct PReLU: ReadOnlyLayerClass {
    static let className = "PReLU"
    /// The axes along which `α` is the same, counted from 1.
    var sharedAxes: [Int] = []
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      KerasKey("shared_axes", \.sharedAxes, .optional, json: { JSONValue($0) }) {
        (configuration, _) throws(ModelFileError) in
        configuration.isSet("shared_axes")
          ? try configuration.integerList("shared_axes", in: 1...32) : []
      }
    ]

    /// `alpha`, of the input's shape with 1 on the shared axes.
    func variables(
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
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let slopes = try context.parameter("alpha")
    return [try context.apply(ParametricRelu(slopes: slopes), to: try call.input())]
  }
}
