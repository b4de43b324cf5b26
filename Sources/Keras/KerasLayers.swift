import FileSupport

/// The layer classes that are known. `Layers/` has the rooms, which add them here by their own names.
public enum KerasLayers {
  /// All of them: the one list that a new class is entered in.
  static let all: [any KeyedLayerClass.Type] = [
    Activation.self, AdaptiveAveragePooling2D.self, AdaptiveMaxPooling2D.self, Add.self,
    Attention.self, Average.self, AveragePooling2D.self, BatchNormalization.self,
    Bidirectional.self, CategoryEncoding.self, CenterCrop.self, Concatenate.self, Conv2D.self,
    Conv2DTranspose.self, ConvolutionalLSTM.self, Cropping2D.self, Dense.self,
    DepthwiseConv2D.self, Discretization.self, Dot.self, Dropout.self, ELU.self, EinsumDense.self,
    Embedding.self, Flatten.self, GlobalAveragePooling2D.self, GlobalMaxPooling2D.self,
    GroupNormalization.self, GroupedQueryAttention.self, Highway.self, InputLayer.self,
    LayerNormalization.self, LeakyReLU.self, LocallyConnected.self, Masking.self,
    MaxPooling2D.self, Maximum.self, MaxoutDense.self, Merge.self, Minimum.self,
    MultiHeadAttention.self, Multiply.self, Normalization.self, PReLU.self, Permute.self,
    RMSNormalization.self, RNN.self, ReLU.self, RepeatVector.self, Rescaling.self, Reshape.self,
    Resizing.self, ReversibleEmbedding.self, SeparableConvolution.self, Softmax.self,
    SpectralNormalization.self, Subtract.self, ThresholdedReLU.self, TimeDistributed.self,
    Unchanged.self, UnitNormalization.self, UpSampling2D.self, ZeroPadding2D.self,
  ]

  private static let byName: [String: any KeyedLayerClass.Type] = {
    var types: [String: any KeyedLayerClass.Type] = [:]
    for type in all {
      for name in [type.className] + type.aliases { types[name] = type }
    }
    return types
  }()

  /// Whether layers of a class of this name are known.
  static func isKnown(_ className: String) -> Bool {
    byName[className] != nil || NestedModel.classNames.contains(className)
  }

  /// The keys of a class by its name, with the generations whose constructors take them.
  static func keys(of className: String) -> [KerasKeyDescription] {
    let tables: [(KerasGeneration, NameTable)] = [
      (.second, KerasNames.second.layers), (.third, KerasNames.third.layers),
    ]
    let isListed = tables.contains { $0.1[className] != nil }
    return byName[className]?.keyDescriptions(of: className).compactMap { key in
      var key = key
      key.generations = Set(
        tables.filter { $0.1[className]?.keys[key.name] != nil }.map(\.0))
      // One that no constructor takes belongs to another class of the same type.
      return isListed && key.generations.isEmpty ? nil : key
    } ?? []
  }

  /// Reads a layer's configuration; a class that is not known, or whose configuration asks for something
  /// that is not, becomes an ``UnknownLayer``, and a whole model a ``NestedModel``.
  public static func layer(
    _ configuration: KerasConfiguration
  ) throws(ModelFileError) -> any KerasLayerClass {
    guard !configuration.isOutside else { return UnknownLayer(configuration) }
    if NestedModel.classNames.contains(configuration.className),
      configuration.members["layers"] != nil
    {
      return try NestedModel(configuration)
    }
    if TensorFunction.isDescribed(by: configuration) {
      do {
        return try TensorFunction(configuration)
      } catch {
        return UnknownLayer(configuration, reason: error)
      }
    }
    guard let known = byName[configuration.className] else { return UnknownLayer(configuration) }
    do {
      let layer = try known.init(configuration)
      do {
        try configuration.refuseRest()
      } catch {
        return UnknownLayer(configuration, reason: error, known: layer)
      }
      return layer
    } catch {
      guard error.kind == .unsupported else { throw error }
      return UnknownLayer(configuration, reason: error)
    }
  }
}
