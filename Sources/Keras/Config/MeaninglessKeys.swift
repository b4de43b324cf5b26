import FileSupport

/// Keys of layer configurations that mean nothing for what a layer computes. This is the one list of them; whatever is
/// neither on it nor asked for by the layer's class is refused.
enum MeaninglessKeys {
  /// Whether a key means nothing with this value if the layer's class does not ask for it.
  static func contain(_ key: String, _ value: JSONValue, of className: String) -> Bool {
    // Python's `None` stands for an option that is not given.
    if value == .null || anywhere.contains(key) { return true }
    if endings.contains(where: { key.hasSuffix($0) }) { return true }
    if let (meaningless, ofClass) = harmless[key], ofClass(className) { return meaningless(value) }
    return KerasLayers.Unchanged.augmentations.contains(className)
  }

  /// Of the layer as such, of how it is called, trained and run. `stateful` layers start from zeros when they are
  /// loaded; only a later batch would find other states.
  private static let anywhere: Set<String> = [
    "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_dtype", "dynamic",
    "seed",
    "input_dim", "input_length", "stateful", "lora_rank", "lora_alpha",
  ]

  /// What weights start from and are held to in training.
  private static let endings = [
    "_initializer", "_regularizer", "_constraint", "init", "_regularizer_",
  ]

  private typealias Condition<Value> = @Sendable (Value) -> Bool

  /// Keys that mean nothing with some values, for some classes.
  private static let harmless: [String: (Condition<JSONValue>, Condition<String>)] = [
    // Training alone.
    "momentum": (always, { $0.hasSuffix("BatchNormalization") }),
    "synchronized": (always, { $0.hasSuffix("BatchNormalization") }),
    "renorm_momentum": (always, { $0.hasSuffix("BatchNormalization") }),
    "renorm_clipping": (always, { $0.hasSuffix("BatchNormalization") }),
    "noise_shape": (always, { $0.hasSuffix("Dropout") }),
    "dropout": (always, { $0 == "Embedding" }),
    "dropout_W": (always, isRecurrent), "dropout_U": (always, isRecurrent),
    "unit_forget_bias": (always, isRecurrent), "transform_bias": (always, { $0 == "Highway" }),
    "l1": (always, { $0 == "ActivityRegularization" }),
    "l2": (always, { $0 == "ActivityRegularization" }),
    "power_iterations": (always, { $0 == "SpectralNormalization" }),
    "epsilon": (always, { $0 == "Discretization" }),
    // Ways to compute the same, and notes of shapes.
    "implementation": (always, isRecurrent), "consume_less": (always, isRecurrent),
    "use_cudnn": (always, isRecurrent),
    "flash_attention": (always, isAttention), "softmax_robust_masking": (always, isAttention),
    "query_shape": (always, isAttention),
    "key_shape": (always, isAttention), "value_shape": (always, isAttention),
    "optional": (always, { $0 == "InputLayer" }),
    // Only what is usual.
    "mode": ({ $0.int == 0 }, { $0.hasSuffix("BatchNormalization") }),
    "sparse": (isFalse, { $0 == "InputLayer" }), "ragged": (isFalse, { $0 == "InputLayer" }),
    "time_major": (isFalse, isRecurrent),
    "groups": (
      { $0.int == 1 },
      { $0.contains("Transpose") || $0.hasPrefix("Depthwise") || $0.hasPrefix("Separable") }
    ),
    // Which channels are dropped in training.
    "data_format": (always, { $0.hasPrefix("SpatialDropout") }),
    // Of a way to merge that is not the layer's.
    "concat_axis": (always, { $0 == "Merge" }), "dot_axes": (always, { $0 == "Merge" }),
    "output_shape": (always, { $0 == "Merge" }), "output_shape_type": (always, { $0 == "Merge" }),
    "output_mask": (always, { $0 == "Merge" }), "output_mask_type": (always, { $0 == "Merge" }),
    "arguments": (always, { $0 == "Merge" }),
  ]

  private static let always: Condition<JSONValue> = { _ in true }
  private static let isFalse: Condition<JSONValue> = { $0.pythonTruth == false }
  private static let isRecurrent: Condition<String> = {
    $0.contains("RNN") || $0.contains("LSTM") || $0.contains("GRU")
  }
  private static let isAttention: Condition<String> = { $0.hasSuffix("Attention") }
}
