import ArgumentParser
import Conversion
import Darknet
import FileSupport
import Inference
import ModelFiles
import Validation

/// `nnfmt validate`
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract:
      "Compares two models: their parameters, their options and the values of their layers.",
    usage: """
      nnfmt validate [<options>] <reference> <candidate>
      nnfmt validate [<options>] <model> [--record|--expect <folder>]
      """,
    discussion: """
      Both files are read by their content: two darknet models (.weights, or the .h5 that `convert` \
      made), two Keras models in any containers, .h5, .keras or .weights.h5, by any Keras, one of each, or \
      two cfgs. \
      Parameters must be equal to the bit, but for what a conversion had to round, or was stored in a \
      shorter type; inputs, outputs, layers and their options must be the same, whether or not an input \
      shows it; values may part by what float32 rounds. Of a Keras file Keras's own layers are \
      computed. The exit code is 0 if they match and 1 if they don't.

      --cfg names a darknet network, or a Keras model or its JSON, which then counts in place of what \
      the files carry. A file of weights alone is else taken for the model beside it of the same stem, \
      or for the other file's. Keras's layers are paired by name, or by order where names differ.

      Without --input the input is random: from 0 to 1, whole numbers where an Embedding looks them up. \
      Where a Keras model leaves extents open, sequences have 8 steps and images 32 rows and columns.

      What may have happened to the first layer that departs is tried: a kernel that is transposed, \
      tensors that are swapped, a file that is shifted, another epsilon, … It is named if the layer \
      then agrees.

      One model alone is looked at: whether its numbers are finite, its variances positive, and nothing \
      constant or random-looking where it should not be; the exit code is 0 if it is healthy and 1 if \
      not. --record runs it and writes what it was given and what its layers give as .npy; --expect runs \
      it and compares it with that, or with .npy files that Keras's or darknet's users saved: named after \
      the layers (or their indices) and input_0, output_0, channels first or last.

      Examples:
        nnfmt validate yolov3.weights yolov3.h5 --cfg yolov3.cfg
        nnfmt validate old.weights new.weights --cfg net.cfg --input x.npy --json
        nnfmt validate model.keras model.weights.h5
        nnfmt validate old.h5 new.keras --input image=x.npy --input words=y.npy
        nnfmt validate model.keras
        nnfmt validate model.keras --record good
        nnfmt validate model.keras --expect good
      """)

  @Argument(help: "The model that is right.", completion: .file())
  var reference: String

  @Argument(help: "The model to check.", completion: .file())
  var candidate: String?

  @Option(
    help: "The architecture: a cfg, or a Keras model or its JSON.",
    completion: .file(extensions: ["cfg", "h5", "keras", "json"]))
  var cfg: String?

  @Option(
    help: "Which darknet the models are read as (default: what a cfg states or an .h5 carries).")
  var dialect: Dialect?

  @Option(
    help: "An input: [NAME=]X.npy, in the reference's layout and order.",
    completion: .file(extensions: ["npy"]))
  var input: [String] = []

  @Option(help: "Without an input: the seed of a random one (default: 1).")
  var seed: UInt64?

  @Option(help: EngineChoice.help)
  var engine: EngineChoice?

  @Option(help: "Threads to compute with (default: one for each core).")
  var threads: Int?

  @OptionGroup var single: SingleModelOptions

  @Flag(name: .customLong("allow-partial"), help: "Go on with files that lack their last layers.")
  var allowPartial = false

  @Flag(help: "Print nothing on standard output; the exit code tells.")
  var quiet = false

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 on.") }
    if seed != nil, !input.isEmpty {
      throw ValidationError("--seed makes an input; it can't be given beside --input.")
    }
    let isRun = candidate != nil || single.record != nil || single.expect != nil
    guard candidate == nil || single.record == nil && single.expect == nil else {
      throw ValidationError("--record and --expect are for one model.")
    }
    if !isRun, seed != nil || !input.isEmpty {
      throw ValidationError("One model alone is not run: --input and --seed mean nothing.")
    }
    if single.expect != nil, seed != nil {
      throw ValidationError("--seed means nothing with --expect: the recording has the input.")
    }
  }

  func run() throws {
    guard let candidate else { return try runSingle() }
    let engine = try EngineChoice.chosen(engine)
      .make(threads: threads, sumsDirectly: true)
    let arrays = input.isEmpty ? nil : InputArrays(input)
    let first = try ModelFile(reference, locksFile: !noLock)
    let source = ComparisonSource(
      reference: first,
      candidate: candidate == reference ? first : try ModelFile(candidate, locksFile: !noLock),
      config: cfg.map(ArchitectureFile.init), dialect: dialect, allowsPartial: allowPartial)
    let models = try source.models(arrays?.shapes)
    let comparison = try Comparison(models.reference, models.candidate, engine: engine)
    try tell(try comparison.report(inputs: try inputs(arrays, for: comparison)))
  }

  private func tell(_ report: ComparisonReport) throws {
    if json {
      Console.document(report.json)
    } else if !quiet {
      Console.output.lines(ComparisonTable(report: report).lines(style: Style(Console.output)))
    }
    Console.warnings(report.warnings)
    if !report.matches { Console.exit(.noMatch) }
  }

  /// What is done with one model.
  private func runSingle() throws {
    let model = SingleModel(
      path: reference, options: single, config: cfg, dialect: dialect,
      allowsPartial: allowPartial, locksFile: !noLock, isJSON: json, isQuiet: quiet)
    guard single.record != nil || single.expect != nil else {
      if try !model.checkHealth() { Console.exit(.noMatch) }
      return
    }
    let engine = try EngineChoice.chosen(engine).make(threads: threads, sumsDirectly: true)
    let arrays = input.isEmpty ? nil : InputArrays(input)
    if let folder = single.record {
      try model.record(arrays, seed: seed ?? 1, engine: engine, in: folder)
    } else if let folder = single.expect {
      try tell(try model.expect(arrays, engine: engine, of: folder))
    }
  }

  /// What both models are given.
  private func inputs(
    _ arrays: InputArrays?, for comparison: Validation.Comparison
  ) throws(ModelFileError) -> [Tensor] {
    guard comparison.computes else {
      guard arrays == nil, seed == nil else {
        throw ModelFileError(
          .usage, file: reference, "cfgs have no numbers to compute with, and tensors no model",
          remedy: "leave out \(arrays == nil ? "--seed" : "--input")")
      }
      return []
    }
    guard let arrays else { return comparison.inputs(seed: seed ?? 1) }
    return try arrays.tensors(for: comparison.inputs.map { ($0.name, $0.shape) })
  }
}

/// A comparison as a person reads it: what departs, or that nothing does.
struct ComparisonTable {
  let report: ComparisonReport

  /// What differs in the interface, the layers and their options.
  private func differences(style: Style) -> [String] {
    guard !report.differences.isEmpty else { return [] }
    var table = Table([
      ("layer", .left), ("option", .left), ("reference", .left), ("candidate", .left),
    ])
    for difference in report.differences {
      table.add([
        difference.layer, difference.option, difference.reference, difference.candidate,
      ])
    }
    return table.lines(style: style) + [""]
  }

  /// The options that differ and change nothing, in a line for each layer.
  private func equivalent() -> [String] {
    var layers: [(name: String, options: [String])] = []
    for difference in report.equivalent {
      if layers.last?.name != difference.layer { layers.append((difference.layer, [])) }
      layers[layers.count - 1].options.append(difference.option)
    }
    return layers.map { layer in
      "\(layer.name): differs in \(layer.options.joined(separator: ", ")), which changes nothing"
        .escapedForTerminal
    }
  }

  func lines(style: Style) -> [String] {
    var lines = differences(style: style)
    if !report.differingParameters.isEmpty {
      var table = Table([
        ("parameter", .left), ("differing", .right), ("of", .right), ("max difference", .right),
      ])
      for parameter in report.differingParameters {
        table.add([
          parameter.name, NumberText.grouped(parameter.differing),
          NumberText.grouped(parameter.count), NumberText.significant(parameter.maximumAbsolute),
        ])
      }
      lines += table.lines(style: style) + [""]
    }
    let departing =
      report.layers.filter { !$0.matches }
      + report.outputs.compactMap(\.values).filter { output in
        !output.matches && !report.layers.contains { $0.name == output.name }
      }
    if !departing.isEmpty {
      var table = Table([
        ("layer", .left), ("max difference", .right), ("relative", .right), ("allowed", .right),
      ])
      for layer in departing {
        table.add([
          layer.name, NumberText.significant(layer.maximumAbsolute),
          NumberText.significant(layer.maximumRelative), NumberText.significant(layer.tolerance),
        ])
      }
      lines += table.lines(style: style) + [""]
    }
    lines += equivalent()
    if let cause = report.cause {
      lines.append("likely cause: \(cause)".escapedForTerminal)
    }
    let compared =
      "\(report.parametersCompared) parameters, \(report.operationsCompared) operations and "
      + "\(report.layers.count) layers compared"
    if let first = report.firstDifference {
      return lines + [style.error("no match") + ": \(compared), the first to depart is \(first)"]
    }
    return lines + [style.good("match") + ": \(compared)"]
  }
}
