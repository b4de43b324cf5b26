import FileSupport
import ModelGraph

extension KerasLayers {
  /// Keras 1's layer for every way to put values together.
  ///
  /// Source: `keras/engine/topology.py: Merge` of Keras 1.2.
  struct Merge: ReadOnlyLayerClass {
    static let className = "Merge"
    /// How the values are put together: `sum`, `mul`, `ave`, `max`, `concat`, `dot` or `cos`.
    var mode = "sum"
    var configuration = JSONObject()
    /// The layer that later versions of Keras have for the mode; for `cos` that of the product.
    private var inner: any KerasLayerClass = Add()

    static let keys: [KerasKey<Self>] = [
      .unsupported(
        "mode_type", unless: "raw",
        "a Merge by a function is code of its author's, which is never run"),
      .text("mode", \.mode),
      .other(\.inner, of: "concat_axis", "dot_axes") { configuration throws(ModelFileError) in
        try configuration.mergingLayer()
      },
      // Of ways to merge that are not the layer's.
      .meaningless(
        "concat_axis", "dot_axes", "output_shape", "output_shape_type", "output_mask",
        "output_mask_type", "arguments"),
    ]

    /// The shape that the mode gives; `[1, 1]` for `cos`.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let shape = try inner.outputShape(of: inputs)
      switch mode {
      case "cos":
        guard inputs.allSatisfy({ $0.rank == 1 }) else { throw Self.tooManyAxes(inputs) }
        return [1, 1]
      case "dot":
        guard inputs.allSatisfy({ $0.rank <= 2 }) else { throw Self.tooManyAxes(inputs) }
        return shape
      default: return shape
      }
    }

    private static func tooManyAxes(_ inputs: [KerasShape]) -> ModelFileError {
      ModelFileError(
        .unsupported, at: [.option("mode")],
        "a product of values with so many axes is not supported",
        found: "\(inputs)")
    }
  }
}

extension KerasLayers.Merge {
  /// What the layer of the mode computes. `cos` is the product over the root of the product of the squares,
  /// which is at least 10⁻⁷.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    _ = try outputShape(of: call.inputs.map { KerasShape(context.shape($0)) })
    guard mode == "cos" else { return try inner.lower(call, at: &context) }
    var products: [KerasValue] = []
    for pair in [(0, 1), (0, 0), (1, 1)] {
      products += try inner.lower(
        LayerCall([call.inputs[pair.0], call.inputs[pair.1]]), at: &context)
    }
    let squares = try context.combine(.product, [products[1], products[2]])
    let least = try context.constant([1e-7], shape: [], for: call.inputs[0])
    let root = try context.applyWithoutMask(ElementFunction(.sqrt), to: squares)
    let length = try context.combine(.maximum, [root, least])
    return [
      try context.reshaped(try context.combine(.quotient, [products[0], length]), to: [1, 1])
    ]
  }
}

extension KerasConfiguration {
  /// The layer that later versions of Keras have for a way to merge.
  fileprivate func mergingLayer() throws(ModelFileError) -> any KerasLayerClass {
    guard !isSet("layers") else {
      throw ModelFileError(
        .unsupported, at: [.option("layers")], "a Merge with models inside is not supported")
    }
    switch try text("mode", default: "sum") {
    case "sum": return KerasLayers.Add()
    case "mul": return KerasLayers.Multiply()
    case "ave": return KerasLayers.Average()
    case "max": return KerasLayers.Maximum()
    case "concat":
      return try KerasLayers.Concatenate(with("axis", .number(-1), from: "concat_axis"))
    case "dot", "cos": return try KerasLayers.Dot(with("axes", .number(-1), from: "dot_axes"))
    default: throw wrong("mode", expected: "sum, mul, ave, max, concat, dot or cos")
    }
  }

  /// The same with a key that has the value of another one, or else of its own.
  fileprivate func with(
    _ key: String, _ fallback: JSONValue, from other: String
  ) -> KerasConfiguration {
    var changed = members
    changed[key] = isSet(other) ? value(other) : fallback
    return KerasConfiguration(className: className, members: changed)
  }
}
