import FileSupport

/// Why settings are left out, as a warning says it.
struct SettingsRefusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// How a model was compiled: optimizer, loss, metrics, and how steps are run.
///
/// All of it is in words that both Kerases know: objects with their modules, whose keys both constructors take, with values
/// that they take. The text `mse` for a loss becomes the object, since Keras 3 does not load an `.h5` with the text.
struct CompileSettings: Sendable {
  /// The optimizer.
  let optimizer: OptimizerSettings
  /// The rest, by the names of `compile`'s arguments.
  private let members: JSONObject

  private static let flags: [String: TrainingValue] = [
    "run_eagerly": .truth, "jit_compile": .truth, "steps_per_execution": .count(1),
  ]
  /// Arguments that mean nothing with these values. `auto_scale_loss` counts for an optimizer that is not known here.
  private static let meaningless: [String: Set<String>] = [
    "auto_scale_loss": ["true", "false"], "sample_weight_mode": [],
    "pss_evaluation_shards": ["0"], "jit_compile": ["auto"],
  ]

  /// Reads settings.
  ///
  /// - Parameters:
  ///   - source: what `training_config` or `compile_config` holds.
  ///   - names: what outputs are called from now on, by what the settings call them.
  /// - Throws: ``SettingsRefusal`` if they are not known to load, and to mean the same, in each Keras.
  init(_ source: JSONValue, names: [String: String]) throws(SettingsRefusal) {
    guard let given = source.object else { throw SettingsRefusal("they are no object") }
    guard let described = given["optimizer_config"] ?? given["optimizer"], described != .null else {
      throw SettingsRefusal("they name no optimizer")
    }
    optimizer = try OptimizerSettings(described)
    var members = JSONObject()
    for (key, value) in given where key != "optimizer_config" && key != "optimizer" {
      switch key {
      case "loss":
        members[key] = try Self.nested(value, names, depth: 1, TrainingObject.loss)
      case "metrics", "weighted_metrics":
        members[key] = try Self.metrics(value, names)
      case "loss_weights":
        members[key] = try Self.nested(value, names, depth: 1) { value throws(SettingsRefusal) in
          guard let number = TrainingValue.number.written(value) else {
            throw SettingsRefusal("a weight of a loss is no number")
          }
          return number
        }
      default:
        if value == .null { continue }
        if let written = Self.flags[key]?.written(value) {
          members[key] = written
        } else if Self.meaningless[key]?.contains(value.plainText) != true {
          throw SettingsRefusal("'\(key.escapedForTerminal)' is not known")
        }
      }
    }
    // All loaders ask for these.
    for key in ["loss", "metrics", "weighted_metrics", "loss_weights"] where members[key] == nil {
      members[key] = .null
    }
    self.members = members
  }

  /// The settings as a file has them.
  ///
  /// - Parameters:
  ///   - isLegacy: whether it is an `.h5`.
  ///   - form: for whom it is.
  ///   - rate: the rate of learning, if another one than the settings tell.
  func written(inLegacyLayout isLegacy: Bool, for form: KerasForm, rate: Double?) -> JSONValue {
    var written: JSONObject = [
      isLegacy ? "optimizer_config" : "optimizer": optimizer.written(
        rate: rate, isRegistered: isLegacy && form == .second)
    ]
    for (key, value) in members { written[key] = value }
    return .object(written)
  }

  /// Metrics of one output stand in a list of their own in an `.h5` of tf_keras; its only one is taken out.
  private static func metrics(
    _ value: JSONValue, _ names: [String: String]
  ) throws(SettingsRefusal) -> JSONValue {
    var value = value
    if names.count == 1, value.elements?.count == 1, let inner = value[0], inner.elements != nil {
      value = inner
    }
    let metrics = try nested(value, names, depth: 2, TrainingObject.metric)
    // One output's list is that of its metrics.
    if names.count == 1, let elements = metrics.elements {
      return .array(elements.filter { $0 != .null })
    }
    return withoutNulls(metrics)
  }

  /// An output without metrics has `null` in its list in an `.h5` of tf_keras, which Keras 3 takes for a metric.
  private static func withoutNulls(_ value: JSONValue) -> JSONValue {
    if let elements = value.elements {
      return .array(
        elements.map { element in
          guard let inner = element.elements else { return element == .null ? [] : element }
          return .array(inner.filter { $0 != .null })
        })
    }
    guard let members = value.object, members["class_name"] == nil else { return value }
    return .object(
      JSONObject(
        members.map { name, element in
          (name, element.elements.map { .array($0.filter { $0 != .null }) } ?? element)
        }))
  }

  /// What stands alone, in lists, or under the names of outputs.
  private static func nested(
    _ value: JSONValue, _ names: [String: String], depth: Int,
    _ rewrite: (JSONValue) throws(SettingsRefusal) -> JSONValue
  ) throws(SettingsRefusal) -> JSONValue {
    if value == .null { return value }
    if let elements = value.elements, depth > 0 {
      var written: [JSONValue] = []
      for element in elements {
        written.append(try nested(element, names, depth: depth - 1, rewrite))
      }
      return .array(written)
    }
    if let members = value.object, members["class_name"] == nil {
      var written = JSONObject()
      for (name, element) in members {
        guard let renamed = names[name] else {
          throw SettingsRefusal("'\(name.escapedForTerminal)' is no output of the model")
        }
        written[renamed] = try nested(element, names, depth: 1, rewrite)
      }
      return .object(written)
    }
    return try rewrite(value)
  }
}

extension JSONValue {
  /// A plain value as JSON has it, a text without its quotes.
  fileprivate var plainText: String {
    text
      ?? String(decoding: JSONWriter().bytes(of: self), as: UTF8.self)
      .trimmingLastNewline
  }
}

extension String {
  fileprivate var trimmingLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
