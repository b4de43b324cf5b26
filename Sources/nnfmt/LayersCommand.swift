import ArgumentParser
import FileSupport
import ModelFiles

/// `nnfmt layers`
struct LayersCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Lists what is supported: every layer, option and activation, with what can be done.",
    usage: "nnfmt layers [<options>] [<types> ...]",
    discussion: """
      darknet: the forks that know it; all of these are read and written. What is said of hank-ai \
      rests on reading its source alone: it is marked unverified.
      keras: convert writes it as stock Keras layers (heads are left off and carried). What is \
      Keras's own comes after darknet's: no darknet knows it, and its checkpoints are read.
      forward: run computes it. backward: train trains it.

      Examples:
        nnfmt layers
        nnfmt layers convolutional yolo
        nnfmt layers --format keras

      Read on: spec/darknet-cfg.md, spec/operations.md
      """)

  @Argument(help: "Only these layer types and classes (default: all).")
  var types: [String] = []

  @Option(help: "Only what one format has: darknet or keras (default: both).")
  var format: ModelVocabulary?

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @OptionGroup(title: "Display") var display: DisplayOptions

  func run() throws {
    let rows = try SupportRow.all(of: types, in: format)
    if json {
      Console.document(.array(rows.map(\.json)))
      return
    }
    var table = Table(
      [
        ("layer", .left), ("option", .left), ("default", .left), ("darknet", .left),
        ("keras", .left), ("forward", .left), ("backward", .left),
      ], wrapping: [0, 1, 2, 3])
    for row in rows { table.add(row.cells) }
    Console.output.lines(table.lines(style: Style(Console.output)))
  }
}
