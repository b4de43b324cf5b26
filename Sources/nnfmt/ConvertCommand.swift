import ArgumentParser
import Conversion
import Darknet
import FileSupport

/// `nnfmt convert`
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Makes a model file of one format into one of another, exactly.",
    discussion: """
      From darknet to Keras the whole model is written, so that load_model of Keras 2 and of Keras 3 \
      needs nothing else; a detector ends at the tensors that enter its heads. The .h5 carries what \
      Keras has no place for, so that the way back to .weights is bit-identical.
      From Keras to darknet OUTPUT.weights and OUTPUT.cfg are written, unless --cfg names the network \
      to fill.

      Examples:
        nnfmt convert yolov3.weights yolov3.h5 --cfg yolov3.cfg
        nnfmt convert yolov3.h5 back.weights
        nnfmt convert trained.h5 trained.weights --cfg yolov3.cfg
      """)

  @Argument(help: "The model to read: .weights or .h5.", completion: .file())
  var input: String

  @Argument(help: "The model to write; its name tells the format.", completion: .file())
  var output: String

  @Option(help: "The cfg of the network.", completion: .file(extensions: ["cfg"]))
  var cfg: String?

  @Option(help: "The format to write, whatever the name: \(OutputFormat.choices).")
  var to: OutputFormat?

  @Option(
    help: ArgumentHelp(
      "Which Keras must load an .h5: both, 2 or 3.",
      discussion: "The form that is written loads in both, so each of the three is met by it."))
  var keras: KerasGeneration = .both

  @Option(
    help: """
      Which darknet the model is read as: \(Dialect.choices) (default: what the .h5 carries, else \
      \(Dialect.alexeyab.rawValue)).
      """)
  var dialect: Dialect?

  @Option(help: "Deflate the arrays of an .h5: 1 (fast) to 9 (small).")
  var compress: Int?

  @Option(
    help: """
      The header of the .weights: \(HeaderGeneration.choices) (default: as it was, else \
      \(HeaderGeneration.third.rawValue)).
      """)
  var header: HeaderGeneration?

  @Option(help: "Write only the layers in front of this one, as `darknet partial` does.")
  var upto: Int?

  @Flag(name: .customLong("allow-partial"), help: "Go on with a file that lacks its last layers.")
  var allowPartial = false

  @Flag(help: "Replace outputs that exist.")
  var force = false

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false

  func validate() throws {
    if let compress, !(1...9).contains(compress) {
      throw ValidationError("--compress takes a level from 1 to 9.")
    }
    if let upto, upto < 0 { throw ValidationError("--upto takes the index of a layer.") }
  }

  func run() throws {
    let source = try InputFormat(of: input)
    let target = try to ?? OutputFormat(forName: output)
    try refuseStrayOptions(target)
    let progress = ProgressBar("converting")
    let show: ConversionProgress = { progress.show($0, of: $1) }
    var report =
      switch (source, target) {
      case (.darknetWeights, .kerasH5): try darknetToKeras(show)
      case (.darknetWeights, .darknet): try darknetToDarknet(show)
      case (.hdf5, .darknet): try kerasToDarknet(show)
      case (.hdf5, .kerasH5) where InputFormat.isNamedWeights(input):
        throw ModelFileError(
          .damaged, file: input, "is no darknet weights file", expected: "a header and floats",
          found: FileContent.hdf5.name, remedy: FileContent.hdf5.remedy)
      case (.keras, .darknet):
        throw ModelFileError(
          .unsupported, file: input, "a .keras archive can't be converted yet",
          remedy: "save the model as .h5 from Keras")
      case (.hdf5, .kerasH5), (.keras, .kerasH5):
        throw ModelFileError(
          .unsupported, file: input, "rewriting one Keras file as another is not supported")
      case (.darknetConfig, _):
        throw ModelFileError(
          .damaged, file: input, "a cfg holds no numbers to convert", expected: "a .weights file",
          remedy: "nnfmt convert MODEL.weights \(output) --cfg \(input)")
      }
    if let odd = source.warning(forName: input) { report.warnings.insert(odd, at: 0) }
    tell(report, as: target)
  }

  private func darknetToKeras(
    _ show: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    let conversion = try DarknetToKeras(try weights(), allowsPartial: allowPartial)
    let file = try OutputFile(path: output, overwrites: force)
    let report = try conversion.write(to: file, compression: compress, progress: show)
    try OutputFile.commit([file])
    return report
  }

  private func darknetToDarknet(
    _ show: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    let conversion = try DarknetToDarknet(
      try weights(), header: header, limit: upto, allowsPartial: allowPartial)
    let file = try OutputFile(path: output, overwrites: force)
    let report = try conversion.write(to: file, progress: show)
    try OutputFile.commit([file])
    return report
  }

  private func kerasToDarknet(
    _ show: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    var options = KerasToDarknet.Options()
    options.config = cfg
    options.dialect = dialect
    options.header = header
    options.limit = upto
    options.locksFile = !noLock
    let conversion = try KerasToDarknet(input, options)
    var files = [try OutputFile(path: output, overwrites: force)]
    if cfg == nil {
      let config = try OutputFile(path: configBesideOutput, overwrites: force)
      try config.append(conversion.network.config.bytes)
      files.append(config)
    }
    var report = try conversion.write(to: files[0], progress: show)
    try OutputFile.commit(files)
    report.outputs = files.map(\.path)
    return report
  }

  /// The weights held against their cfg, the one named or the one beside them.
  private func weights() throws(ModelFileError) -> WeightsFile {
    guard let config = cfg ?? configBeside(input) else {
      throw ModelFileError(
        .usage, file: input, "a .weights file does not say what network it belongs to",
        remedy: "name its cfg with --cfg, or put it beside the weights under the same stem")
    }
    return try WeightsFile(
      path: input, network: try Network(contentsOf: config, dialect: dialect ?? .alexeyab))
  }

  private var configBesideOutput: String {
    let name = output[(output.lastIndex(of: "/").map(output.index(after:)) ?? output.startIndex)...]
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return output + ".cfg" }
    return output[..<dot] + ".cfg"
  }

  /// An option that has no effect here was given by mistake.
  private func refuseStrayOptions(_ target: OutputFormat) throws(ModelFileError) {
    let stray: String? =
      switch target {
      case .darknet: compress != nil ? "--compress" : nil
      case .kerasH5: header != nil ? "--header" : upto != nil ? "--upto" : nil
      }
    guard let stray else { return }
    throw ModelFileError(
      .usage, file: output, "\(stray) means nothing for an output of format \(target.rawValue)",
      remedy: "leave it out")
  }

  private func tell(_ report: ConversionReport, as target: OutputFormat) {
    if json {
      Console.document([
        "input": .string(input), "outputs": .array(report.outputs.map(JSONValue.string)),
        "format": .string(target.rawValue), "layers": JSONValue(report.layerCount),
        "parameter_count": JSONValue(report.parameterCount),
        "carried": .array(report.carriedArrays.map(JSONValue.string)),
        "warnings": .array(report.warnings.map { .string($0.description) }),
      ])
    } else {
      let sizes =
        "\(report.layerCount) layers, \(NumberText.grouped(report.parameterCount)) parameters"
      for path in report.outputs {
        Console.output.line("wrote \(path.escapedForTerminal)")
      }
      Console.output.line(sizes)
    }
    Console.warnings(report.warnings)
  }
}

/// Which Keras an output must load in.
enum KerasGeneration: String, CaseIterable, ExpressibleByArgument {
  case both
  case second = "2"
  case third = "3"
}

extension HeaderGeneration: ExpressibleByArgument {
  /// The names, for help texts.
  static var choices: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension OutputFormat {
  /// The names, for help texts.
  static var choices: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
