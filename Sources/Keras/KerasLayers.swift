import FileSupport

/// The layer classes that are known. `Layers/` has a file for each, which adds it here by its own name.
public enum KerasLayers {
  /// All of them: the one list that a new class is entered in.
  public static let all: [any KerasLayerClass.Type] = [
    Activation.self, Add.self, AveragePooling2D.self, BatchNormalization.self, Concatenate.self,
    Conv2D.self, Conv2DTranspose.self, Cropping2D.self, Dense.self, DepthwiseConv2D.self,
    Dropout.self, ELU.self, Flatten.self, GlobalAveragePooling2D.self, InputLayer.self,
    LeakyReLU.self, MaxPooling2D.self, Multiply.self, Permute.self, ReLU.self, Rescaling.self,
    Reshape.self, Softmax.self, Subtract.self, UpSampling2D.self, ZeroPadding2D.self,
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.className, $0) })

  /// Reads a layer's configuration; a class that is not known becomes an ``UnknownLayer``.
  public static func layer(
    _ configuration: KerasConfiguration
  ) throws(ModelFileError) -> any KerasLayerClass {
    guard let known = byName[configuration.className] else { return UnknownLayer(configuration) }
    return try known.init(configuration)
  }
}
