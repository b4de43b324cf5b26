import FileSupport
import ModelGraph

extension KerasLayers {
  /// An input of the model. Keras has no operation for it.
  struct InputLayer: KeyedLayerClass {
    static let className = "InputLayer"
    /// The extents without the batch axis, `nil` where any is taken; `nil` as a whole for the input of a
    /// list of layers that does not tell it.
    var extents: [Int?]?

    /// tf_keras takes `batch_input_shape` only, Keras 3 takes both that and `batch_shape`.
    static let keys: [KerasKey<Self>] = [
      KerasKey(
        "batch_input_shape", or: ["batch_shape", "shape"], \.extents, .required,
        json: { extents in
          .array([.null] + (extents ?? []).map { $0.map { JSONValue($0) } ?? .null })
        }
      ) { (configuration, _) throws(ModelFileError) in
        let whole = configuration.value("batch_input_shape") ?? configuration.value("batch_shape")
        let values =
          whole?.elements?.dropFirst() ?? configuration.value("shape")?.elements.map { $0[...] }
        let range = 0...KerasConfiguration.largest
        guard let values, values.allSatisfy({ $0 == .null || range.contains($0.int ?? -1) })
        else { throw configuration.wrong("batch_input_shape", expected: "a list of extents") }
        return values.map(\.int)
      },
      KerasKey(write: { _, members in members["dtype"] = "float32" }),
      .meaningless("optional"), .meaningless("sparse", "ragged") { $0.pythonTruth == false },
    ]

    /// The shape itself.
    ///
    /// - Throws: `ModelFileError` of kind `unsupported` if not even its rank is known.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      guard let extents else {
        throw ModelFileError(.unsupported, "the shape of the model's input is not told")
      }
      return KerasShape(extents)
    }
  }
}

extension KerasLayers.InputLayer {
  /// An input of this shape.
  init(shape: Shape) { extents = shape.extents }

  /// What the model is called with, in the type that the input is declared with: both Kerases cast it
  /// (`functional.py`).
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is none of the model's inputs, and so lacks a value.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    guard let value = call.inputs.first else {
      throw ModelFileError(
        .damaged, "is none of the model's inputs, so that it has no value",
        expected: "an input that 'input_layers' lists")
    }
    return [try context.cast(value, to: context.elementType)]
  }
}
