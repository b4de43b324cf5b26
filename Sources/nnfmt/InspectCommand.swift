import ArgumentParser
import Conversion
import Darknet
import FileSupport
import Inspection
import Keras
import ModelFiles
import ModelGraph

/// `nnfmt inspect`
struct InspectCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what a model file holds: layers, shapes, sizes, whether it is whole.",
    usage: "nnfmt inspect [<options>] <file>",
    discussion: """
      A .weights file is held against its cfg (--cfg, or the file beside it with the same stem); \
      without one, its header and size are told. With --cfg given several times, the cfgs are ranked \
      by how well it fits them. A cfg alone gives shapes and sizes, and what other darknets would not \
      understand in it.

      Examples:
        nnfmt inspect yolov3.cfg
        nnfmt inspect yolov3.weights --cfg yolov3.cfg
        nnfmt inspect darknet53.conv.74 --cfg yolov3.cfg --cfg yolov3-tiny.cfg
        nnfmt inspect model.h5 --json --hash
        nnfmt inspect yolov3.weights --layer 0 --layer yolo_82 --values 8
        nnfmt inspect model.keras --tree --depth 2
        nnfmt inspect yolov4.cfg --graph yolov4.svg
        nnfmt inspect model.h5 --filter 'conv*' --sort size --format tsv
        cat net.cfg | nnfmt inspect -

      Read on: spec/darknet-weights.md, spec/keras-hdf5.md
      """)

  @Argument(
    help: "The file: \(ModelFormats.modelEndings) or .cfg; - is standard input.",
    completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "The architecture: a .weights file's cfg (several are ranked), or a file with a Keras model's "
        + "configuration.",
      valueName: "file"),
    completion: .file())
  var cfg: [String] = []

  @Option(help: "Which darknet the file is read as (default: \(Dialect.whereUnnamed)).")
  var dialect: Dialect?

  @OptionGroup(title: "A closer look")
  var view: InspectView

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Flag(help: "Read every number: range, mean, deviation, zeros, NaN; warn of what is unhealthy.")
  var stats = false

  @Flag(help: "Give each array the SHA-256 of its bytes.")
  var hash = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false

  @OptionGroup(title: "A picture") var picture: GraphOptions
  @OptionGroup(title: "Display") var display: DisplayOptions

  func validate() throws {
    guard !json || view.format == nil || view.format == .json else {
      throw ValidationError(
        "--json and --format \(view.format?.rawValue ?? "") contradict each other.")
    }
  }

  func run() throws {
    let drawing = try GraphFile(picture)
    let model = try ModelFile(file, locksFile: !noLock, toleratesDamage: true)
    // Told first: it may explain what goes wrong next.
    let odd = ModelFormats.warnings(of: model)
    Console.warnings(odd)
    let source = ModelSource(
      model: model, config: cfg.first.map(ArchitectureFile.init), dialect: dialect)
    let sizes = view.inputSize.map(\.shape)
    var (summary, failure) = try model.format.summary(
      of: source,
      InspectionWishes(
        configs: cfg, digests: hash, statistics: stats, locksFile: !noLock, inputSizes: sizes,
        attributes: view.attributes, submodels: view.tree))
    guard summary.inputSizes == sizes || failure != nil else {
      throw ModelFileError(
        .usage, file: file, "--input-size means nothing for what is no Keras model",
        remedy: "leave it out")
    }
    guard !view.attributes || summary.attributes != nil || failure != nil else {
      throw ModelFileError(
        .usage, file: file, "--attributes means nothing for a file without HDF5 in it",
        remedy: "leave it out")
    }
    guard !view.tree || summary.datasets != nil || failure != nil else {
      throw ModelFileError(
        .usage, file: file,
        "--tree means nothing for a darknet network, whose layers hold no others",
        remedy: "leave it out")
    }
    let warnings = summary.warnings
    summary.warnings = odd + warnings
    let whole = SummaryTable.Whole(summary)
    if failure == nil { try drawing?.write(summary) }
    try view.apply(to: &summary)
    if json || view.format == .json {
      Console.document(summary.json)
    } else {
      let table = SummaryTable(summary: summary, whole: whole, tree: view.levels)
      switch view.format {
      case .markdown: Console.output.lines(table.rows(isExact: false)?.markdown ?? [])
      case .tsv: Console.output.lines(table.rows(isExact: true)?.tabSeparated ?? [])
      default: Console.output.lines(table.lines(style: Style(Console.output)))
      }
    }
    Console.warnings(warnings)
    if let failure { throw failure }
  }
}
