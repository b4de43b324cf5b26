import ArgumentParser
import Conversion
import Darknet
import FileSupport
import Keras
import ModelFiles
import ModelGraph

/// `nnfmt convert`
struct ConvertCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Makes a model file of one format into one of another, exactly.",
    discussion: """
      From darknet to Keras the whole model is written, so that load_model of Keras 2 and of Keras 3 \
      needs nothing else; a detector ends at the tensors that enter its heads. The .h5 carries what \
      Keras has no place for, so that the way back to .weights is bit-identical.
      From Keras to darknet OUTPUT.weights and OUTPUT.cfg are written, unless --cfg names the network \
      to fill. An .h5 that was made of a darknet model gives that model back; the layers of any other \
      model become sections that compute the same, and what darknet can't compute exactly is refused.
      From Keras to Keras the model is written anew for the Keras that --keras names, in any of its \
      containers; what that Keras would not load or would compute otherwise is refused.
      A cfg becomes a cfg in its canonical form: without comments and blanks.

      Examples:
        nnfmt convert yolov3.weights yolov3.h5 --cfg yolov3.cfg
        nnfmt convert yolov3.h5 back.weights
        nnfmt convert trained.h5 trained.weights --cfg yolov3.cfg
        nnfmt convert classifier.keras classifier.weights
        nnfmt convert net.weights.h5 net.weights --cfg net.json
        nnfmt convert old.h5 new.keras --keras 3
        nnfmt convert net.weights.h5 net.h5 --cfg net.json
        nnfmt convert net.h5 net.weights.h5
        nnfmt convert old.cfg clean.cfg
        nnfmt convert headless.weights mended.weights --cfg yolov3.cfg --read-header none
        nnfmt convert net.weights - --to keras-h5 > net.h5

      Read on: spec/keras-model.md, spec/keras-to-darknet.md, spec/keras-rewriting.md
      """)

  @Argument(
    help: "The model to read: \(ModelFormats.modelEndings) or .cfg; - is standard input.",
    completion: .file())
  var input: String

  @Argument(
    help: "The model to write; its name tells the format. - is standard output, with --to.",
    completion: .file())
  var output: String

  @OptionGroup(title: "What is read") var reading: ReadingOptions
  @OptionGroup(title: "What is written") var writing: WritingOptions

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @OptionGroup(title: "Display") var display: DisplayOptions

  func run() throws {
    InputChanges.watch()
    let model = try ModelFile(input, locksFile: !reading.noLock)
    let target = try writing.to ?? OutputFormat(forName: output)
    try refuseStrayOptions(target)
    guard reading.header == nil || model.format.hasDarknetHeader else {
      throw ModelFileError(
        .usage, file: input, "--read-header means nothing for an input that is no .weights file",
        remedy: "leave it out")
    }
    guard !(sendsOutput && json) else {
      throw ModelFileError(
        .usage, "--json and the output - would both be on standard output",
        remedy: "leave out --json, or name a file")
    }
    // Told first: it may explain what goes wrong next.
    let odd = ModelFormats.warnings(of: model)
    Console.warnings(odd)
    let report = try convert(model, target)
    tell(report, as: target, odd)
    TemporaryFiles.keepOutputs()
    Console.warnings(report.warnings)
  }

  private func convert(
    _ model: ModelFile, _ target: OutputFormat
  ) throws(ModelFileError) -> ConversionReport {
    let source = ModelSource(
      model: model, config: reading.cfg.map(ArchitectureFile.init), dialect: reading.dialect,
      headerLength: reading.header)
    let options = ConversionOptions(
      output: output, header: writing.header, limit: writing.upto, compression: writing.compress,
      form: writing.keras ?? .both, allowsPartial: reading.allowPartial, names: writing.names)
    let conversion = try model.format.conversion(of: source, to: target, options)
    var files: [OutputFile] = []
    let sent = sendsOutput ? try StandardOutput() : nil
    if let sent {
      guard conversion.companion == nil else {
        throw ModelFileError(
          .usage, file: output, "the weights need a cfg beside them: two files can't be sent",
          remedy: "name a file, or the network to fill with --cfg")
      }
      files.append(try OutputFile(path: sent.path, overwrites: true))
    } else if let companion = conversion.companion {
      guard configBesideOutput != output else {
        throw ModelFileError(
          .usage, file: output, "the weights and their cfg would get the same name",
          remedy: "let the name of the weights end in .weights")
      }
      files.append(try OutputFile(path: output, overwrites: writing.force))
      let config = try OutputFile(path: configBesideOutput, overwrites: writing.force)
      try config.append(companion)
      files.append(config)
    } else {
      files.append(try OutputFile(path: output, overwrites: writing.force))
    }
    let progress = ProgressBar("converting", unit: .bytes)
    var report = try conversion.write(to: files[0]) { progress.show($0, of: $1) }
    try OutputFile.commit(files, awaitsReport: true)
    try sent?.send()
    report.outputs = files.map(\.path)
    return report
  }

  /// Whether the output is sent to standard output.
  private var sendsOutput: Bool { output == StandardOutput.name }

  private var configBesideOutput: String {
    let name = output[(output.lastIndex(of: "/").map(output.index(after:)) ?? output.startIndex)...]
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return output + ".cfg" }
    return output[..<dot] + ".cfg"
  }

  /// An option that has no effect here was given by mistake.
  private func refuseStrayOptions(_ target: OutputFormat) throws(ModelFileError) {
    let given = [
      ("--compress", writing.compress != nil), ("--keras", writing.keras != nil),
      ("--header", writing.header != nil), ("--upto", writing.upto != nil),
      ("--cfg", reading.cfg != nil), ("--names", writing.names != nil),
    ]
    let stray = given.first { name, isGiven in isGiven && !target.options.contains(name) }?.0
    guard let stray else { return }
    throw ModelFileError(
      .usage, file: output, "\(stray) means nothing for an output of format \(target.name)",
      remedy: "leave it out")
  }

  private func tell(
    _ report: ConversionReport, as target: OutputFormat, _ odd: [ModelWarning]
  ) {
    if json {
      Console.document([
        "input": .string(input), "outputs": .array(report.outputs.map(JSONValue.string)),
        "format": .string(target.name), "layers": JSONValue(report.layerCount),
        "parameter_count": JSONValue(report.parameterCount),
        "carried": .array(report.carriedArrays.map(JSONValue.string)),
        "warnings": .array((odd + report.warnings).map { .string($0.description) }),
      ])
    } else if !sendsOutput {
      for path in report.outputs {
        Console.output.line("wrote \(path.escapedForTerminal)")
      }
      let layers = NumberText.counted(report.layerCount, "layer")
      Console.output.line(
        target.isConfig
          ? layers : "\(layers), \(NumberText.counted(report.parameterCount, "parameter"))")
    }
  }
}
