import FileSupport
import ModelGraph

extension KerasLayers {
  /// A layer whose kernel training divides by its largest singular value; at inference the layer alone.
  ///
  /// Source: `keras/src/layers/normalization/spectral_normalization.py`, the same in tf_keras.
  struct SpectralNormalization: ReadOnlyLayerClass {
    static let className = "SpectralNormalization"
    /// Layers that differ in training may be told so.
    static let callParameters = ["inputs", "training"]
    private var inner = InnerLayer()
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .layer("layer", \.inner), .meaningless("power_iterations"),
    ]

    /// Those of the layer, but for one that training changes in no layer.
    var ownsVariables: Bool { false }

    /// The layer's shape.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try inner.layer.outputShape(of: inputs)
    }

    /// `vector_u [1, columns of the kernel]`, which training alone uses, then the layer's variables.
    ///
    /// A wrapper's own variables come before those of the layer in it. Keras 3's layout has the kernel among
    /// both.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let forms = try inner.layer.variables(for: inputs)
      let kernel = forms.first {
        ["kernel", "depthwise_kernel", "embeddings"].contains($0.name) && $0.owner.isEmpty
      }
      guard let width = kernel?.shape.extents.last else {
        throw ModelFileError(
          .damaged, at: [.option("layer")], "the layer inside has no kernel",
          expected: "a layer with 'kernel' or 'embeddings'", found: "'\(inner.layer.className)'")
      }
      let vector = KerasVariableForm(
        "vector_u", [1, width], .weights, isTrainable: false, copiesBefore: 1)
      return [vector]
        + forms.map { $0.inside(["layer"], isTrainable: inner.trains) }
    }
  }
}

extension KerasLayers.SpectralNormalization {
  /// The layer inside; its kernel is stored divided. Keras 2 lets no mask through.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` around an `Embedding` of Keras 3, which gives its rows the
  ///   type of the whole numbers that it takes.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    guard context.generation < .third || !(inner.layer is KerasLayers.Embedding) else {
      throw ModelFileError(
        .unsupported, at: [.option("layer")],
        "Keras 3 rounds what a SpectralNormalization gives to the type of its input, which is not supported "
          + "around an Embedding")
    }
    try context.requireSameType(inner.policy, of: inner.layer)
    _ = try context.parameter("vector_u")
    let values = try inner.layer.lower(call, at: &context)
    return context.generation == .third ? values : values.map { KerasValue($0.node) }
  }
}
