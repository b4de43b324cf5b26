import FileSupport

/// Which generations of Keras load a full model, by the rules that were measured (spec/keras-hdf5.md).
public struct LoadingKeras: Sendable {
  /// The generations: `2` is tf_keras, `3` is Keras 3.
  public private(set) var generations: [Int] = []

  /// Classes that Keras 3 can't make of the configurations that Keras 2 writes.
  private static let lostClasses: Set<String> = [
    "ThresholdedReLU", "MultiHeadAttention", "TFOpLambda", "SlicingOpLambda", "Functional",
    "Sequential", "Model", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
  ]

  /// - Parameters:
  ///   - model: the model.
  ///   - configuration: what it was read from.
  ///   - kerasVersion: what wrote it; without it nothing is said.
  ///   - isArchive: whether it is a `.keras` archive.
  public init(
    _ model: KerasModel, configuration: JSONValue, kerasVersion: String?, isArchive: Bool
  ) {
    guard let major = kerasVersion?.split(separator: ".").first.flatMap({ Int($0) }) else { return }
    let isForeign = model.layers.contains {
      ($0.layerClass as? UnknownLayer)?.isForeignCode == true
    }
    guard !isForeign else { return }
    switch major {
    case 2:
      if !Self.lacksResetAfter(model) { generations.append(2) }
      if Self.survivesKeras3(model, configuration, isArchive: isArchive) { generations.append(3) }
    case 3...: generations.append(3)
    default: break
    }
  }

  /// tf_keras takes a GRU without `reset_after` for one with it.
  private static func lacksResetAfter(_ model: KerasModel) -> Bool {
    model.layers.contains { layer in
      layer.className == "GRU" && layer.layerClass.configuration["reset_after"] == nil
    }
  }

  private static func survivesKeras3(
    _ model: KerasModel, _ configuration: JSONValue, isArchive: Bool
  ) -> Bool {
    if model.isSequential {
      guard let layers = configuration["config"]?["layers"]?.elements else { return false }
      let hasInput =
        layers.first?["class_name"]?.text == KerasLayers.InputLayer.className
        || configuration["config"]?["build_input_shape"] != nil
      guard hasInput else { return false }
    } else if isArchive {
      return false
    }
    let withGroups = layersWithGroups(configuration)
    return model.layers.allSatisfy { layer in
      let members = layer.layerClass.configuration
      let isRecurrent = members["time_major"] != nil || layer.className == "Bidirectional"
      let isWrappedNorm =
        layer.className == "TimeDistributed"
        && members["layer"]?["class_name"]?.text == "BatchNormalization"
      let lostByArchive = isArchive && layer.className == "BatchNormalization"
      return !lostClasses.contains(layer.className) && !isRecurrent && !isWrappedNorm
        && !lostByArchive && !layer.name.contains("/")
        && !(isOddConvolution(layer) && withGroups.contains(layer.name))
    }
  }

  /// Those for which Keras 2.4 and later write keys that Keras 3 does not take, `groups` among them.
  private static func isOddConvolution(_ layer: KerasLayer) -> Bool {
    layer.className.contains("Transpose") || layer.className.hasPrefix("Depthwise")
      || layer.className.hasPrefix("Separable")
  }

  /// The names of the layers whose configuration has the key `groups`, as it stands in the file.
  private static func layersWithGroups(_ configuration: JSONValue) -> Set<String> {
    let layers = configuration["config"]?["layers"]?.elements ?? []
    return Set(
      layers.compactMap { layer in
        layer["config"]?["groups"] == nil ? nil : layer["config"]?["name"]?.text
      })
  }
}
