import ArgumentParser
import Darknet
import FileSupport
import Inspection

/// `nnfmt inspect`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what a model file holds: layers, shapes, sizes, whether it is whole.",
    discussion: """
      A .weights file is held against its cfg (--cfg, or the file beside it with the same stem); \
      without one, its header and size are told. A cfg alone gives shapes and sizes.

      Examples:
        nnfmt inspect yolov3.cfg
        nnfmt inspect yolov3.weights --cfg yolov3.cfg
        nnfmt inspect model.h5 --json --hash
      """)

  @Argument(help: "The file: .weights, .cfg, .h5, .keras.", completion: .file())
  var file: String

  @Option(
    help: "The architecture: a .weights file's cfg, or a file with a Keras model's configuration.",
    completion: .file())
  var cfg: String?

  @Option(help: "Which darknet the file is read as: \(Dialect.choices).")
  var dialect: Dialect = .alexeyab

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Flag(help: "Read every number: range, mean, deviation, zeros, NaN; warn of what is unhealthy.")
  var stats = false

  @Flag(help: "Give each array the SHA-256 of its bytes.")
  var hash = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false

  func run() throws {
    let format = try InputFormat(of: file)
    var (summary, failure) = try summary(as: format)
    if let odd = format.warning(forName: file) { summary.warnings.insert(odd, at: 0) }
    if json {
      Console.document(summary.json)
    } else {
      for line in SummaryTable(summary: summary).lines(style: Style(Console.output)) {
        Console.output.line(line)
      }
    }
    Console.warnings(summary.warnings)
    if let failure { throw failure }
  }

  private func summary(
    as format: InputFormat
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    let darknet = DarknetInspector(
      dialect: dialect, computesDigests: hash, computesStatistics: stats)
    switch format {
    case .darknetConfig:
      return (try darknet.summary(config: file), nil)
    case .darknetWeights:
      guard let config = cfg ?? configBeside(file) else {
        return (try darknet.summary(weightsAlone: file), nil)
      }
      return try darknet.summary(weights: file, config: config)
    case .hdf5, .keras:
      return try KerasInspector(
        locksFile: !noLock, computesDigests: hash, computesStatistics: stats
      ).summary(of: file, config: cfg)
    }
  }
}

extension Dialect {
  /// The names, for help texts.
  static var choices: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
