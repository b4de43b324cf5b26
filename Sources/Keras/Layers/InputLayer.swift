import FileSupport
import ModelGraph

extension KerasLayers {
  /// An input of the model. Keras has no operation for it.
  struct InputLayer: KerasLayerClass {
    static let className = "InputLayer"
    /// The extents without the batch axis, `nil` where any is taken; `nil` as a whole for the input of a
    /// list of layers that does not tell it.
    let extents: [Int?]?

    /// An input of this shape.
    init(shape: Shape) { extents = shape.extents }

    /// An input whose shape only the caller knows.
    init() { extents = nil }

    /// Reads `batch_input_shape` (Keras 2), `batch_shape` (Keras 3) or `shape`.
    init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      let whole = (configuration.value("batch_input_shape") ?? configuration.value("batch_shape"))?
        .elements
      guard
        let values = whole.map({ Array($0.dropFirst()) }) ?? configuration.value("shape")?.elements
      else {
        throw configuration.wrong("batch_input_shape", expected: "a list of extents")
      }
      var extents: [Int?] = []
      for value in values {
        guard value == .null || value.int.map((0...KerasConfiguration.largest).contains) == true
        else { throw configuration.wrong("batch_input_shape", expected: "a list of extents") }
        extents.append(value.int)
      }
      self.extents = extents
    }

    /// tf_keras takes `batch_input_shape` only, Keras 3 takes both that and `batch_shape`.
    var configuration: JSONObject {
      let shape = (extents ?? []).map { extent in extent.map { JSONValue($0) } ?? .null }
      return ["batch_input_shape": .array([.null] + shape), "dtype": "float32"]
    }

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
