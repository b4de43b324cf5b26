import ArgumentParser
import Conversion
import Darknet
import FileSupport
import Inspection
import Keras
import ModelGraph

/// `nnfmt inspect`
struct InspectCommand: ParsableCommand {
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
      """)

  @Argument(help: "The file: \(InputFormat.modelEndings) or .cfg.", completion: .file())
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

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Flag(help: "Read every number: range, mean, deviation, zeros, NaN; warn of what is unhealthy.")
  var stats = false

  @Flag(help: "Give each array the SHA-256 of its bytes.")
  var hash = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false

  func run() throws {
    let model = try ModelFile(file, locksFile: !noLock, toleratesDamage: true)
    let format = model.format
    try refuseStrayOptions(format)
    // Told first: it may explain what goes wrong next.
    let odd = format.warnings(forName: file)
    Console.warnings(odd)
    var (summary, failure) = try summary(of: model)
    let warnings = summary.warnings
    summary.warnings = odd + warnings
    if json {
      Console.document(summary.json)
    } else {
      Console.output.lines(SummaryTable(summary: summary).lines(style: Style(Console.output)))
    }
    Console.warnings(warnings)
    if let failure { throw failure }
  }

  /// An option that has no effect here was given by mistake.
  private func refuseStrayOptions(_ format: InputFormat) throws(ModelFileError) {
    guard !cfg.isEmpty else { return }
    switch format {
    case .darknetWeights:
      guard cfg.count > 1, hash else { return }
      throw ModelFileError(
        .usage, file: file, "--hash needs to know the arrays, and several cfgs are named",
        remedy: "name one cfg")
    case .hdf5, .keras, .tensors:
      guard cfg.count > 1 else { return }
      throw ModelFileError(
        .usage, file: file, "the file has one architecture, and several files are named",
        remedy: "name one with --cfg")
    case .darknetConfig:
      throw ModelFileError(
        .usage, file: file, "is a cfg itself: --cfg is for weights", remedy: "leave it out")
    }
  }

  private func summary(
    of model: ModelFile
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    let darknet = DarknetInspector(
      dialect: dialect, computesDigests: hash, computesStatistics: stats)
    switch model.format {
    case .darknetConfig:
      return (try darknet.summary(config: file), nil)
    case .darknetWeights:
      if cfg.count > 1 { return try darknet.summary(weights: model.file, configs: cfg) }
      guard let config = cfg.first ?? configBeside(file) else {
        return try darknet.summary(weightsAlone: model.file)
      }
      return try darknet.summary(weights: model.file, config: config)
    case .tensors(let format):
      let tensors = try format.open(model.file)
      let source = ModelSource(
        model: model, config: cfg.first.map(ArchitectureFile.init), dialect: dialect)
      return try TensorInspector(computesDigests: hash, computesStatistics: stats)
        .summary(
          of: tensors, format: format.name, architecture: try source.architecture(of: tensors))
    case .hdf5, .keras:
      let checkpoint = try model.checkpoint()
      var (summary, failure) = try KerasInspector(
        locksFile: !noLock, computesDigests: hash, computesStatistics: stats
      ).summary(of: checkpoint, config: cfg.first)
      complete(&summary, from: checkpoint)
      return (summary, failure)
    }
  }

  /// How a picture is fed and what heads stand behind the outputs, as the darknet network says that a Keras file was
  /// made of: only `Conversion` knows what a file carries.
  private func complete(_ summary: inout Summary, from checkpoint: KerasCheckpoint) {
    guard summary.picture != nil else { return }
    do {
      let carried = try KerasToDarknet.embeddedNetwork(checkpoint, dialect: dialect)
      guard let carried else { return }
      if let picture = carried.picture { summary.picture?.complete(from: picture) }
      summary.carriedHeads = Summary.CarriedHead.all(of: carried)
    } catch {
      summary.warnings.append(
        ModelWarning(
          file: error.file ?? file, at: error.places,
          "the darknet network that the file carries can't be read: \(error.problem)"))
    }
  }
}
