import FileSupport

/// Rewrites what settings are made of: losses, metrics, and the keys of any class of them.
enum TrainingObject {
  /// A loss: an object, or the name of a function or class.
  static func loss(_ value: JSONValue) throws(SettingsRefusal) -> JSONValue {
    var (name, config) = try parts(value, TrainingNames.lossFunctions, "loss")
    if config["reduction"]?.text == "auto" { config["reduction"] = "sum_over_batch_size" }
    return try object(
      name, config, TrainingNames.losses, module: "keras.losses", "loss")
  }

  /// A metric: as a loss, or one that Keras chooses by the output.
  static func metric(_ value: JSONValue) throws(SettingsRefusal) -> JSONValue {
    if let text = value.text, TrainingNames.chosenMetrics.contains(text) { return value }
    let (name, config) = try parts(value, TrainingNames.metricFunctions, "metric")
    return try object(
      name, config, TrainingNames.metrics, module: "keras.metrics", "metric")
  }

  /// The class and the keys of an object; a function is taken for the class that calls it.
  private static func parts(
    _ value: JSONValue, _ functions: [String: String], _ what: String
  ) throws(SettingsRefusal) -> (String, JSONObject) {
    if let text = value.text {
      guard let name = functions[text] else {
        return (text, ["name": .string(text)])
      }
      return (name, ["name": .string(text)])
    }
    guard let className = value["class_name"]?.text else {
      throw SettingsRefusal("a \(what) is none that Keras writes")
    }
    if className == "function", let function = value["config"]?.text {
      return try parts(.string(function), functions, what)
    }
    guard var config = value["config"]?.object else {
      throw SettingsRefusal("the \(what) '\(className.escapedForTerminal)' has no keys")
    }
    try requireStock(value, className, what)
    guard className == "MeanMetricWrapper" || className == "LossFunctionWrapper" else {
      // tf_keras names the function of a class of its own.
      config["fn"] = nil
      return (className, config)
    }
    let function = config["fn"]?.text ?? config["fn"]?["config"]?.text ?? ""
    guard let name = functions[function] else {
      throw SettingsRefusal("the \(what) '\(function.escapedForTerminal)' is not known")
    }
    config["fn"] = nil
    return (name, config)
  }

  /// An object whose class both Kerases have, with keys that both take.
  static func object(
    _ className: String, _ config: JSONObject, _ table: [String: TrainingClass], module: String,
    _ what: String
  ) throws(SettingsRefusal) -> JSONValue {
    guard let known = table[className] else {
      throw SettingsRefusal("the \(what) '\(className.escapedForTerminal)' is not known")
    }
    var kept = try keys(config, of: className, known, what)
    kept["name"] = name(config["name"])
    return [
      "module": .string(module), "class_name": .string(className), "config": .object(kept),
      "registered_name": .null,
    ]
  }

  /// The keys of a class but its name.
  static func keys(
    _ config: JSONObject, of className: String, _ known: TrainingClass, _ what: String
  ) throws(SettingsRefusal) -> JSONObject {
    var kept = JSONObject()
    for (key, value) in config where key != "name" {
      if let kind = known.keys[key] {
        guard let written = kind.written(value) else {
          throw SettingsRefusal(
            "'\(key)' of the \(what) '\(className)' has a value that Keras does not take")
        }
        kept[key] = written
      } else if known.meaningless[key] != value, !(key == "dtype" && isStandard(value)) {
        throw SettingsRefusal(
          "'\(key.escapedForTerminal)' of the \(what) '\(className)' is not known")
      }
    }
    if let key = known.required.sorted().first(where: { kept[$0] == nil }) {
      throw SettingsRefusal("the \(what) '\(className)' lacks '\(key)'")
    }
    return kept
  }

  /// A name that both take, which only stands in logs.
  static func name(_ value: JSONValue?) -> JSONValue? {
    guard let text = value?.text, !text.isEmpty else { return nil }
    let isPlain = text.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    return isPlain ? value : nil
  }

  /// Whether an object is one of Keras's own, and none that was registered.
  static func requireStock(
    _ value: JSONValue, _ className: String, _ what: String
  ) throws(SettingsRefusal) {
    let module = value["module"]?.text ?? "keras"
    let registered = value["registered_name"]?.text
    guard module == "keras" || module.hasPrefix("keras."),
      registered == nil || registered == className
    else {
      throw SettingsRefusal("the \(what) '\(className.escapedForTerminal)' is none of Keras's own")
    }
  }

  private static func isStandard(_ value: JSONValue) -> Bool {
    value == .null || KerasPolicy(value).name == "float32"
  }
}
