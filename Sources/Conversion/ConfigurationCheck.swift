import FileSupport
import Keras

/// Holds the layers that a checkpoint's `model_config` describes against those that the cfg calls for, so
/// that a changed epsilon or stride is not lost in silence: a `.weights` file has no place for it.
struct ConfigurationCheck {
  private let stored: KerasModel?

  /// Reads the checkpoint's configuration, if it has one that can be read.
  init(_ checkpoint: KerasCheckpoint) {
    stored = checkpoint.configuration.flatMap { try? KerasModel(configuration: $0) }
  }

  /// What is wrong with the first layer that is configured otherwise, of kind `damaged`. Models that were made elsewhere are
  /// divided into layers otherwise: an activation or a padding may stand in a layer of its own.
  ///
  /// - Parameter assignment: which stored layer has the weights of which.
  func contradiction(
    with expected: KerasModel, _ assignment: WeightAssignment
  ) -> ModelFileError? {
    assignment.isByName ? contradiction(with: expected) : nil
  }

  /// The epsilons of the file, by the names of the layers that have its weights, where these call for others; of files
  /// that were made elsewhere, whose layers are paired by order.
  func otherEpsilons(_ assignment: WeightAssignment) -> [String: Double] {
    guard let stored, !assignment.isByName else { return [:] }
    let byName = Dictionary(
      stored.layers.map { (Array($0.name.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    var epsilons: [String: Double] = [:]
    for entry in assignment.entries {
      guard let weights = entry.stored,
        let own = entry.layer.layerClass.configuration["epsilon"],
        let other = byName[weights.name.bytes]?.layerClass.configuration["epsilon"],
        !Self.isSame(own, other)
      else { continue }
      epsilons[entry.layer.name] = other.double
    }
    return epsilons
  }

  private func contradiction(with expected: KerasModel) -> ModelFileError? {
    guard let stored else { return nil }
    let byName = Dictionary(
      stored.layers.map { (Array($0.name.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    for layer in expected.layers {
      guard let found = byName[Array(layer.name.utf8)] else { continue }
      let wanted = layer.layerClass
      guard found.layerClass.className == wanted.className else {
        return Self.error(layer.name, nil, wanted.className, found.layerClass.className)
      }
      for (key, value) in wanted.configuration where !Self.isTrainingOnly(key) {
        let other = found.layerClass.configuration[key] ?? .null
        // Keras counts axes from either end, the batch's being 0.
        let axes = layer.outputShape.map { $0.rank + 1 } ?? 0
        if key == "axis", let a = value.int, let b = other.int, (a - b) % max(axes, 1) == 0 {
          continue
        }
        guard Self.isSame(value, other) else {
          return Self.error(layer.name, key, Self.text(value), Self.text(other))
        }
      }
    }
    return nil
  }

  /// What changes nothing at inference, and has a place in no cfg.
  private static func isTrainingOnly(_ key: String) -> Bool { ["momentum", "rate"].contains(key) }

  /// Keras stores some numbers as the float32 that they were, and calls one function by two names.
  private static func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
    if let x = a.double, let y = b.double { return Float(x) == Float(y) }
    if let x = a.elements, let y = b.elements {
      return x.count == y.count && zip(x, y).allSatisfy(isSame)
    }
    if let x = a.text, let y = b.text {
      return x == y || Set([x, y]) == ["swish", "silu"]
    }
    return a == b
  }

  private static func text(_ value: JSONValue) -> String {
    String(decoding: JSONWriter().bytes(of: value), as: UTF8.self).escapedForTerminal
  }

  private static func error(
    _ layer: String, _ key: String?, _ expected: String, _ found: String
  ) -> ModelFileError {
    var places: [ModelFileError.Place] = [.path("model_config"), .path(layer)]
    if let key { places.append(.option(key)) }
    return ModelFileError(
      .damaged, at: places, "the layer is configured otherwise than the cfg calls for",
      expected: expected, found: found,
      remedy:
        "a .weights file has no place for this: change the cfg and name it with --cfg, or undo "
        + "the change")
  }
}
