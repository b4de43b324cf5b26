import FileSupport

/// What the classes and keys of one generation are called in another.
enum KeyRewriting {
  /// The class that is meant by a name which not all of those who are to load a file know.
  static func className(_ name: String, in form: KerasForm) -> String {
    if form.isThird, let found = publicNames[name] { return found }
    // Keras 3's layout calls the layer's group by the class's own name, whatever the file calls it.
    if let own = olderNames[name] { return own }
    let isKnown = form.names.allSatisfy { $0.layers[name] != nil }
    return isKnown ? name : replacements[name] ?? name
  }

  /// Names of Keras 1, and further ones of tf_keras's.
  private static let olderNames: [String: String] = [
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose", "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D", "Convolution2DTranspose": "Conv2DTranspose",
    "MaxPool1D": "MaxPooling1D", "MaxPool2D": "MaxPooling2D", "MaxPool3D": "MaxPooling3D",
    "AvgPool1D": "AveragePooling1D", "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D", "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization", "LSTMV2": "LSTM", "GRUV2": "GRU",
  ]

  /// Classes in whose place another one can stand.
  private static let replacements = [
    KerasLayers.ThresholdedReLU.className: KerasLayers.ReLU.className
  ]

  /// Classes that Keras 3 calls otherwise in public, where it looks for those of its `.keras`.
  static let publicNames = ["GroupedQueryAttention": "GroupQueryAttention"]

  /// Brings keys under the names that those who are to load a layer have for them.
  ///
  /// - Parameters:
  ///   - members: the keys with their values.
  ///   - old: the class as the file has it.
  ///   - className: what it is called from now on.
  ///   - form: for whom.
  static func rename(
    _ members: inout JSONObject, of old: String, to className: String, in form: KerasForm
  ) {
    switch className {
    case KerasLayers.ReLU.className where old == KerasLayers.ThresholdedReLU.className:
      members["threshold"] = members["theta"] ?? 1
      members["theta"] = nil
    case KerasLayers.InputLayer.className:
      let shape = members["batch_shape"] ?? members["batch_input_shape"]
      members["batch_shape"] = nil
      members["batch_input_shape"] = nil
      members[form.isThird ? "batch_shape" : "batch_input_shape"] = shape
    case KerasLayers.LeakyReLU.className:
      // Where both are there, Keras goes by the one that it has itself.
      let slope = members["negative_slope"] ?? members["alpha"]
      members["negative_slope"] = nil
      members["alpha"] = nil
      members[form.isThird ? "negative_slope" : "alpha"] = slope
    case "GRU", "GRUCell":
      // Those who did not write the key reset before the product; today's default is the other.
      members["reset_after"] = members["reset_after"] ?? false
    case KerasLayers.MultiHeadAttention.className where form == .second:
      // tf_keras asks for the shapes, and goes without where they are not told.
      for key in ["query_shape", "key_shape", "value_shape"] where members[key] == nil {
        members[key] = .null
      }
    default:
      // The shape of the input stands in a layer of its own.
      for key in ["batch_input_shape", "batch_shape", "input_shape", "input_dtype"] {
        members[key] = nil
      }
      if !className.hasSuffix("Embedding") { members["input_dim"] = nil }
    }
  }

  /// Keys that one generation has and another does without, whatever their value: how a layer is run, and what weights
  /// start from.
  static func isNoLoss(_ key: String, _ value: JSONValue) -> Bool {
    switch value {
    case .null, .bool(false): true
    case .array(let elements): elements.isEmpty
    default: withoutLoss.contains(key) || key.hasSuffix("_initializer")
    }
  }

  private static let withoutLoss: Set<String> = [
    "dtype", "implementation", "groups", "data_format", "input_length", "fused", "rng_type",
    "autocast", "optional", "build_config", "time_major", "conv_op", "rank", "output_padding",
    "unit_forget_bias", "dynamic",
    // Keras 1's: initializers, how a layer is run, and a type.
    "init", "inner_init", "forget_bias_init", "consume_less", "input_dtype", "mode",
  ]
}
