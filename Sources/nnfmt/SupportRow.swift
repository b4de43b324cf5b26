import Darknet
import FileSupport
import Inference
import Keras
import ModelFiles
import ModelGraph
import Training

/// A line of `nnfmt layers`.
struct SupportRow {
  let format: ModelVocabulary
  let layer: String
  var option = ""
  var defaultText = ""
  let dialects: Set<Dialect>
  var generations: Set<KerasGeneration>?
  let keras: Bool
  let forward: Bool
  let backward: Bool

  /// The rows of the layer types and classes asked for, or all with options, activations and functions; of
  /// one format or of all.
  ///
  /// - Throws: `ModelFileError` of kind `usage` if there is no such type.
  static func all(
    of types: [String], in format: ModelVocabulary?
  ) throws(ModelFileError) -> [SupportRow] {
    let darknet = format == .keras ? [] : LayerSupport.all
    let keras = format == .darknet ? [] : KerasSupport.all.filter { $0.kind == .layer }
    for type in types
    where !darknet.contains(where: { $0.isNamed(type) })
      && !keras.contains(where: { $0.name == type })
    {
      throw ModelFileError(
        .usage, "there is no layer type '\(type.escapedForTerminal)'",
        expected: darknet.isEmpty
          ? "a class of Keras" : darknet.map(\.type).joined(separator: ", "),
        remedy: Spelling.question(
          for: type, among: darknet.flatMap { [$0.type] + $0.aliases } + keras.map(\.name))
          ?? (keras.isEmpty ? nil : "`nnfmt layers --format keras` lists the classes of Keras"))
    }
    guard types.isEmpty else {
      return darknet.filter { layer in types.contains { layer.isNamed($0) } }.flatMap(rows)
        + keras.filter { types.contains($0.name) }.flatMap(rows)
    }
    return darknet.flatMap(rows) + (format == .keras ? [] : darknetCommons)
      + (format == .darknet ? [] : KerasSupport.all.flatMap(rows))
  }

  /// The options of all of darknet's layers, and its activations.
  private static var darknetCommons: [SupportRow] {
    LayerSupport.commonOptions.map { option in
      SupportRow(
        format: .darknet, layer: "every layer", option: option.key, defaultText: option.defaultText,
        dialects: option.dialects, keras: true, forward: true, backward: true)
    }
      + ActivationName.allCases.map { name in
        SupportRow(
          format: .darknet, layer: "activation", option: name.rawValue, dialects: name.dialects,
          keras: KerasRaising.canRaise(name.function), forward: true, backward: true)
      }
  }

  /// Training is darknet's: nothing of Keras's goes backward.
  private static func rows(_ support: KerasSupport) -> [SupportRow] {
    let isLayer = support.kind == .layer
    let head = SupportRow(
      format: .keras, layer: isLayer ? support.name : "keras \(support.kind.rawValue)",
      option: isLayer ? "" : support.name, dialects: [], keras: true, forward: support.isComputed,
      backward: false)
    return [head]
      + support.keys.map { key in
        SupportRow(
          format: .keras, layer: support.name, option: key.name, defaultText: key.defaultText,
          dialects: [], generations: key.generations, keras: true, forward: support.isComputed,
          backward: false)
      }
  }

  /// What `run` computes with if nothing else is asked for.
  private static let engine = EngineChoice.reference.make(threads: 1)

  private static func rows(_ layer: LayerSupport) -> [SupportRow] {
    let keras = layer.operations.allSatisfy { KerasRaising.canRaise($0) }
    let forward = layer.operations.allSatisfy { engine.computes($0) }
    let name = ([layer.type] + layer.aliases).joined(separator: ", ")
    let backward = layer.hasTraining && layer.operations.allSatisfy { Trainer.trains($0) }
    let head = SupportRow(
      format: .darknet, layer: name, dialects: layer.dialects, keras: keras, forward: forward,
      backward: backward)
    return [head]
      + layer.options.map { option in
        SupportRow(
          format: .darknet, layer: layer.type, option: option.key, defaultText: option.defaultText,
          dialects: option.dialects.intersection(layer.dialects),
          keras: keras && option.operation.map { KerasRaising.canRaise($0) } ?? true,
          forward: forward && option.operation.map { engine.computes($0) } ?? true,
          backward: backward && option.operation.map { Trainer.trains($0) } ?? true)
      }
  }

  var cells: [String] {
    [
      layer, option, defaultText, forks.joined(separator: " "),
      generations?.only.map { "\($0.rawValue) only" } ?? (keras ? "yes" : "no"),
      forward ? "yes" : "no", backward ? "yes" : "no",
    ]
  }

  var json: JSONValue {
    var object: JSONObject = [
      "format": .string(format.rawValue), "layer": .string(layer),
      "option": option.isEmpty ? .null : .string(option),
      "default": defaultText.isEmpty ? .null : .string(defaultText),
      "dialects": .array(forks.map(JSONValue.string)),
    ]
    object["generations"] = kerases.map { .array($0.map(JSONValue.string)) }
    object["keras"] = .bool(keras)
    object["forward"] = .bool(forward)
    object["backward"] = .bool(backward)
    return .object(object)
  }

  private var kerases: [String]? {
    generations.map { $0.sorted().map { "keras-\($0.rawValue)" } }
  }

  private var forks: [String] {
    Dialect.allCases.filter { dialects.contains($0) }
      .map { $0.isVerified ? $0.rawValue : "\($0.rawValue) (unverified)" }
  }
}

extension Set {
  /// The element of a set of one.
  fileprivate var only: Element? { count == 1 ? first : nil }
}

extension LayerSupport {
  /// Whether a section may have this name.
  fileprivate func isNamed(_ name: String) -> Bool { type == name || aliases.contains(name) }
}
