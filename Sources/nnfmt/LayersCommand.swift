import ArgumentParser
import Darknet
import FileSupport
import Inference
import Keras
import ModelGraph
import Training

/// `nnfmt layers`
struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Lists what is supported: every layer, option and activation, with what can be done.",
    discussion: """
      darknet: the forks that know it; all of these are read and written. What is said of hank-ai \
      rests on reading its source alone: it is marked unverified.
      keras: convert writes it as stock Keras layers (heads are left off and carried).
      forward: run computes it. backward: train trains it.
      """)

  @Argument(help: "Only these layer types (default: all).")
  var types: [String] = []

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  func run() throws {
    let rows = try SupportRow.all(of: types)
    if json {
      Console.document(.array(rows.map(\.json)))
      return
    }
    var table = Table([
      ("layer", .left), ("option", .left), ("default", .left), ("darknet", .left),
      ("keras", .left), ("forward", .left), ("backward", .left),
    ])
    for row in rows { table.add(row.cells) }
    for line in table.lines(style: Style(Console.output)) { Console.output.line(line) }
  }
}

/// A line of `nnfmt layers`.
struct SupportRow {
  let layer: String
  var option = ""
  var defaultText = ""
  let dialects: Set<Dialect>
  let keras: Bool
  let forward: Bool
  let backward: Bool

  /// The rows of the layer types asked for, or all and the activations.
  ///
  /// - Throws: `ModelFileError` of kind `usage` if there is no such type.
  static func all(of types: [String]) throws(ModelFileError) -> [SupportRow] {
    for type in types where !LayerSupport.all.contains(where: { $0.isNamed(type) }) {
      throw ModelFileError(
        .usage, "there is no layer type '\(type.escapedForTerminal)'",
        expected: LayerSupport.all.map(\.type).joined(separator: ", "))
    }
    let chosen = LayerSupport.all.filter { layer in
      types.isEmpty || types.contains { layer.isNamed($0) }
    }
    var rows = chosen.flatMap(rows)
    if types.isEmpty {
      rows += LayerSupport.commonOptions.map { option in
        SupportRow(
          layer: "every layer", option: option.key, defaultText: option.defaultText,
          dialects: option.dialects, keras: true, forward: true, backward: true)
      }
      rows += ActivationName.allCases.map { name in
        SupportRow(
          layer: "activation", option: name.rawValue, dialects: name.dialects,
          keras: KerasRaising.canRaise(name.function), forward: true, backward: true)
      }
    }
    return rows
  }

  private static func rows(_ layer: LayerSupport) -> [SupportRow] {
    let keras = layer.operations.allSatisfy { KerasRaising.canRaise($0) }
    let forward = layer.operations.allSatisfy { ReferenceEngine.computes($0) }
    let name = ([layer.type] + layer.aliases).joined(separator: ", ")
    let backward = layer.hasTraining && layer.operations.allSatisfy { Trainer.trains($0) }
    let head = SupportRow(
      layer: name, dialects: layer.dialects, keras: keras, forward: forward, backward: backward)
    return [head]
      + layer.options.map { option in
        SupportRow(
          layer: layer.type, option: option.key, defaultText: option.defaultText,
          dialects: option.dialects.intersection(layer.dialects),
          keras: keras && option.operation.map { KerasRaising.canRaise($0) } ?? true,
          forward: forward && option.operation.map { ReferenceEngine.computes($0) } ?? true,
          backward: backward && option.operation.map { Trainer.trains($0) } ?? true)
      }
  }

  var cells: [String] {
    [
      layer, option, defaultText, forks.joined(separator: " "), keras ? "yes" : "no",
      forward ? "yes" : "no", backward ? "yes" : "no",
    ]
  }

  var json: JSONValue {
    [
      "layer": .string(layer), "option": option.isEmpty ? .null : .string(option),
      "default": defaultText.isEmpty ? .null : .string(defaultText),
      "dialects": .array(forks.map(JSONValue.string)), "keras": .bool(keras),
      "forward": .bool(forward), "backward": .bool(backward),
    ]
  }

  private var forks: [String] {
    Dialect.allCases.filter { dialects.contains($0) }
      .map { $0.isVerified ? $0.rawValue : "\($0.rawValue) (unverified)" }
  }
}

extension LayerSupport {
  /// Whether a section may have this name.
  fileprivate func isNamed(_ name: String) -> Bool { type == name || aliases.contains(name) }
}
