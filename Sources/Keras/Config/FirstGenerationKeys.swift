import FileSupport

/// What the keys of Keras 1 are called in Keras 2.
enum FirstGenerationKeys {
  /// Keys that no later Keras writes.
  private static let signs = [
    "nb_filter", "border_mode", "init", "inner_init", "input_dtype", "dim_ordering", "p", "mode",
    "pool_length", "W_regularizer", "bias", "beta_init", "alpha_regularizer_",
  ]

  private static let names: [String: String] = [
    "nb_filter": "filters", "border_mode": "padding", "subsample": "strides",
    "subsample_length": "strides", "filter_length": "kernel_size", "stride": "strides",
    "pool_length": "pool_size", "bias": "use_bias", "atrous_rate": "dilation_rate",
    "inner_activation": "recurrent_activation", "p": "rate", "sigma": "stddev",
    "length": "size",
  ]

  /// Those that have another name in Keras 2, under which they are read.
  static let replaced = Set(names.keys).union([
    "output_dim", "kernel_dim1", "kernel_dim2", "kernel_dim3", "nb_row", "nb_col", "dim_ordering",
  ])

  /// What Keras 1 calls a key of Keras 2, under which a class of Keras 1 alone reads it.
  static func originals(of key: String) -> [String] {
    names.filter { $0.value == key }.map(\.key) + (key == "units" ? ["output_dim"] : [])
  }

  /// Whether a layer's configuration was written by Keras 1.
  static func areUsed(by members: JSONObject) -> Bool {
    signs.contains { members[$0] != nil }
  }

  /// The same configuration with Keras 2's keys beside the others.
  static func renamed(_ members: JSONObject, of className: String) -> JSONObject {
    var result = members
    for (key, value) in members {
      if let name = names[key], members[name] == nil { result[name] = value }
    }
    if className != "Embedding", let units = members["output_dim"] { result["units"] = units }
    let kernel = ["kernel_dim1", "kernel_dim2", "kernel_dim3"].compactMap { members[$0] }
    let image = ["nb_row", "nb_col"].compactMap { members[$0] }
    if !kernel.isEmpty { result["kernel_size"] = .array(kernel) }
    if !image.isEmpty { result["kernel_size"] = .array(image) }
    switch members["dim_ordering"]?.text {
    case "th": result["data_format"] = "channels_first"
    case "tf": result["data_format"] = "channels_last"
    default: break
    }
    return result
  }
}
