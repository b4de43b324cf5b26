import FileSupport

/// An optimizer with what it is made with, in words that both Kerases know.
struct OptimizerSettings: Sendable {
  /// Its class.
  let className: String
  private let config: JSONObject
  /// Where tf_keras registers its own.
  private static let registry = "Custom>"
  /// The rate of learning: a number, or an object of a schedule.
  private let rate: JSONValue

  /// Whether the rate of learning follows a schedule, so that it is no variable of Keras 3's optimizer.
  var hasSchedule: Bool { rate.object != nil }
  /// Whether averages of the weights are kept, in which the Kerases differ.
  var keepsAverages: Bool { isTrue("use_ema") }

  /// Whether it is SGD with no momentum, for which Keras 3 keeps no numbers and tf_keras some that mean nothing.
  var isWithoutMomentum: Bool { className == "SGD" && !isTrue("momentum") }

  /// The rate of learning, if it is a number.
  var fixedRate: Double? { rate.double }

  /// Whether a flag of it is set, or a number of it is not 0.
  func isTrue(_ key: String) -> Bool { config[key]?.pythonTruth ?? false }

  /// Reads an optimizer.
  ///
  /// - Throws: ``SettingsRefusal`` for one that is not known to load, and to mean the same, in each Keras.
  init(_ value: JSONValue) throws(SettingsRefusal) {
    guard let given = value["class_name"]?.text, var config = value["config"]?.object else {
      throw SettingsRefusal("the optimizer is none that Keras writes")
    }
    let name =
      given.hasPrefix(Self.registry) ? String(given.dropFirst(Self.registry.count)) : given
    let isLegacy = config["is_legacy_optimizer"]?.pythonTruth ?? false
    guard !isLegacy, config["decay"] == nil, config["lr"] == nil else {
      throw SettingsRefusal("the optimizer '\(name.escapedForTerminal)' is a legacy one")
    }
    guard let known = TrainingNames.optimizers[name] else {
      throw SettingsRefusal("the optimizer '\(name.escapedForTerminal)' is not known")
    }
    try TrainingObject.requireStock(value, given, "optimizer")
    className = name
    rate = try Self.rate(config["learning_rate"] ?? .null, of: name)
    config["learning_rate"] = nil
    // How it is run, and no more.
    config["jit_compile"] = nil
    var kept = try TrainingObject.keys(config, of: name, known, "optimizer")
    let clipping = ["clipnorm", "clipvalue", "global_clipnorm"].filter {
      (kept[$0] ?? .null) != .null
    }
    guard clipping.count <= 1 else {
      throw SettingsRefusal("the optimizer '\(name)' clips gradients in two ways")
    }
    if kept["use_ema"]?.truth == true, kept["ema_overwrite_frequency"] == nil {
      throw SettingsRefusal("the optimizer '\(name)' lacks 'ema_overwrite_frequency'")
    }
    kept["name"] = TrainingObject.name(config["name"])
    self.config = kept
  }

  /// The optimizer as a file has it.
  ///
  /// - Parameters:
  ///   - rate: the rate of learning, if another one than the settings tell.
  ///   - isRegistered: whether it is called as an `.h5` of tf_keras has it. Under its plain name tf_keras takes it for a legacy
  ///     one there; under this one Keras 3 would go by the class alone.
  func written(rate: Double?, isRegistered: Bool) -> JSONValue {
    var config = config
    config["learning_rate"] = rate.map { .number($0) } ?? self.rate
    if isRegistered {
      return ["class_name": .string(Self.registry + className), "config": .object(config)]
    }
    return [
      "module": "keras.optimizers", "class_name": .string(className), "config": .object(config),
      "registered_name": .null,
    ]
  }

  private static func rate(
    _ value: JSONValue, of className: String
  ) throws(SettingsRefusal) -> JSONValue {
    if let number = TrainingValue.amount.written(value) { return number }
    guard let name = value["class_name"]?.text, let config = value["config"]?.object else {
      throw SettingsRefusal("the rate of learning of the optimizer '\(className)' is not known")
    }
    try TrainingObject.requireStock(value, name, "schedule")
    return try TrainingObject.object(
      name, config, TrainingNames.schedules, module: "keras.optimizers.schedules", "schedule")
  }
}
