import FileSupport
import ModelGraph

extension KerasLayers {
  /// Division by the root of the mean square along some axes, and learned factors: `x · γ / √(mean x² + ε)`.
  ///
  /// Source: `keras/src/layers/normalization/rms_normalization.py`; tf_keras does not have it.
  struct RMSNormalization: ReadOnlyLayerClass {
    static let className = "RMSNormalization"
    /// The axes that are normalized together, as Keras counts, in ascending order.
    var axes = [-1]
    /// ε
    var epsilon = 1e-6
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      KerasKey("axis", \.axes, .optional, json: { JSONValue($0) }) {
        (configuration, fallback) throws(ModelFileError) in
        try configuration.axes(default: fallback ?? [-1]).sorted()
      },
      .number("epsilon", \.epsilon),
    ]

    /// `scale`, with an axis for each that is normalized.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      let shape = try input.extents(alongAxes: axes)
      return [KerasVariableForm("scale", shape, .scales)]
    }
  }
}

extension KerasLayers.RMSNormalization {
  /// The division and the factors, which stand under the last axes whichever were normalized. No mask goes
  /// through it.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = KerasShape(context.shape(input))
    let positions = try shape.positions(ofAxes: axes)
    let even = try context.apply(
      ModelGraph.Normalization(.rootMeanSquare, axes: positions, epsilon: epsilon), to: input)
    let scale = try context.learned(try context.parameter("scale"), for: input)
    let result = try context.combine(.product, [even, scale])
    guard context.shape(result) == context.shape(input) else {
      throw ModelFileError(
        .unsupported, at: [.option("axis")],
        "factors that enlarge the value, being along another axis than the last, are not supported",
        expected: "axis -1", found: "\(shape)")
    }
    return [result]
  }
}
