import FileSupport

/// Keys that mean nothing for what a layer computes, whatever its class. Those of single classes stand among the class's own
/// keys; what is neither here nor there is refused.
enum MeaninglessKeys {
  /// Whether a key means nothing with this value if the layer's class does not ask for it.
  static func contain(_ key: String, _ value: JSONValue) -> Bool {
    // Python's `None` stands for an option that is not given.
    value == .null || anywhere.contains(key) || endings.contains { key.hasSuffix($0) }
  }

  /// Of the layer as such, of how it is called, trained and run. `stateful` layers start from zeros when they are
  /// loaded; only a later batch would find other states.
  private static let anywhere: Set<String> = [
    "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_dtype", "dynamic",
    "seed", "input_dim", "input_length", "stateful", "lora_rank", "lora_alpha",
  ]

  /// What weights start from and are held to in training.
  private static let endings = [
    "_initializer", "_regularizer", "_constraint", "init", "_regularizer_",
  ]
}
