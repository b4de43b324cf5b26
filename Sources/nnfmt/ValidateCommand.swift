import ArgumentParser
import Conversion
import Darknet
import FileSupport
import ModelFiles
import Validation

/// `nnfmt validate`
struct ValidateCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract:
      "Compares two models: their parameters, their options and the values of their layers.",
    usage: """
      nnfmt validate [<options>] <reference> <candidate>
      nnfmt validate [<options>] <model> [--record|--expect <folder>]
      nnfmt validate [<options>] --manifest <file>
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

      Each layer of the candidate is computed from what the reference has before it, and from made-up \
      values: so the first layer that departs is the one that differs. Without --input the inputs are \
      random: like an image, signed, zeros and sparse; whole numbers where an Embedding looks them up. \
      Where a Keras model leaves extents open, sequences have 8 steps and images 32 rows and columns.

      What may have happened to the first layer that departs is tried: a kernel that is transposed, \
      tensors that are swapped, a file that is shifted, another epsilon, … It is named if the layer \
      then agrees.

      One model alone is looked at: whether its numbers are finite, its variances positive, and nothing \
      constant or random-looking where it should not be; the exit code is 0 if it is healthy and 1 if \
      not. --record runs it and writes what it was given and what its layers give as .npy; --expect runs \
      it and compares it with that, or with .npy files that Keras's or darknet's users saved: named after \
      the layers (or their indices) and input_0, output_0, channels first or last.

      --manifest names a JSON file of many pairs: {"pairs": [{"reference": …, "candidate": …}, {"model": …}]}. \
      All are checked, whatever comes of one, and told in the file's order; the exit code is the largest of any pair.

      Examples:
        nnfmt validate yolov3.weights yolov3.h5 --cfg yolov3.cfg
        nnfmt validate old.weights new.weights --cfg net.cfg --input x.npy --json
        nnfmt validate model.keras model.weights.h5
        nnfmt validate old.h5 new.keras --input image=x.npy --input words=y.npy
        nnfmt validate model.keras
        nnfmt validate model.keras --record good
        nnfmt validate model.keras --expect good
        nnfmt validate --manifest pairs.json --jobs 4 --report junit.xml

      Read on: spec/tolerances.md, spec/pipelines.md
      """)

  @Argument(help: "The model that is right.", completion: .file())
  var reference: String?

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
    help: "An input: [NAME=]X.npy in the reference's layout and order, or a picture.",
    completion: .file(extensions: ["npy", "png", "jpg", "jpeg"]))
  var input: [String] = []

  @Option(help: "Without an input: the seed of a random one (default: 1).")
  var seed: UInt64?

  @Option(help: EngineChoice.help)
  var engine: EngineChoice?

  @Option(
    help: "Threads to compute with (default: one for each core; with --manifest 1 for each job).")
  var threads: Int?

  @Flag(name: .customLong("allow-partial"), help: "Go on with files that lack their last layers.")
  var allowPartial = false

  @Flag(help: "Replace files that exist: reports, or with --record the recording.")
  var force = false

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false

  @OptionGroup(title: "Pictures") var pictures: PictureInputOptions
  @OptionGroup(title: "One model") var single: SingleModelOptions
  @OptionGroup(title: "Many pairs") var many: ManifestOptions
  @OptionGroup(title: "Reports") var reporting: ReportOptions
  @OptionGroup(title: "Display") var display: DisplayOptions

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 on.") }
    if seed != nil, !input.isEmpty {
      throw ValidationError("--seed makes an input; it can't be given beside --input.")
    }
    if input.isEmpty, many.manifest == nil, pictures.resize != nil || pictures.range != nil {
      throw ValidationError("--resize and --pixel-range are for a picture that --input names.")
    }
    if force, single.record == nil, reporting.report.isEmpty {
      throw ValidationError("--force is for --record and --report.")
    }
    if single.record != nil, !reporting.report.isEmpty {
      throw ValidationError("--report tells what a check finds; --record makes none.")
    }
    guard many.manifest == nil else { return try validateManifest() }
    if reference == nil {
      throw ValidationError("Name two models, or one, or a manifest of many with --manifest.")
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

  private func validateManifest() throws {
    if single.record != nil {
      throw ValidationError("--record is for one model: a manifest lists checks.")
    }
    guard reference == nil, cfg == nil, input.isEmpty, single.expect == nil else {
      throw ValidationError(
        "With --manifest the manifest names all files: models, cfgs, inputs and recordings.")
    }
  }

  func run() throws {
    if let manifest = many.manifest {
      let reports = try ReportFiles(reporting.report, overwrites: force, isSingle: false)
      return try ManifestRun(
        validator: try validator(threads: threads ?? 1), jobs: many.jobs ?? Threads.cores,
        isJSON: json
      ).run(manifest, defaults: options, reports: reports)
    }
    guard let reference else { return }
    if let folder = single.record {
      return try RecordingRun(
        validator: try validator(threads: threads), overwrites: force, isJSON: json
      ).run(reference, options, in: folder)
    }
    if let candidate {
      try check(.model(candidate, reference: reference), try validator(threads: threads))
    } else if let folder = single.expect {
      try check(.values(reference, recording: folder), try validator(threads: threads))
    } else {
      // Nothing is computed: oneDNN need not be loaded.
      try check(.health(reference), Validator(engine: EngineChoice.idle, locksFiles: !noLock))
    }
  }

  private func validator(threads: Int?) throws(ModelFileError) -> Validator {
    Validator(
      engine: try EngineChoice.chosen(engine).make(threads: threads, sumsDirectly: true),
      locksFiles: !noLock)
  }

  /// Makes one check. Ends the process with 1 if something is wrong.
  private func check(_ subject: Validator.Subject, _ validator: Validator) throws {
    var reports = try ReportFiles(reporting.report, overwrites: force, isSingle: true)
    let outcome = PairOutcome(
      name: subject.candidate, subject, result(of: subject, validator))
    try reports.add(outcome)
    try reports.commit()
    let report = try outcome.result.get()
    if json {
      Console.document(report.json)
    } else {
      let style = Style(Console.output)
      let lines =
        switch report {
        case .comparison(let report): ComparisonTable(report: report).lines(style: style)
        case .health(let report): HealthTable(report: report).lines(style: style)
        }
      Console.output.lines(lines)
    }
    Console.warnings(report.warnings)
    if !report.passes { Console.exit(.noMatch) }
  }

  private func result(
    of subject: Validator.Subject, _ validator: Validator
  ) -> Result<ValidationReport, ModelFileError> {
    let progress = ProgressBar("validating", unit: .counted("value"))
    return validator.result(of: subject, options: options) {
      progress.show(UInt64($0), of: UInt64($1))
    }
  }

  /// What the command line says of a pair, or of those of a manifest that don't say otherwise.
  private var options: Validator.Options {
    var options = Validator.Options()
    options.architecture = cfg
    options.dialect = dialect
    options.allowsPartial = allowPartial
    options.inputs = input
    options.pictures = pictures.options
    options.seed = seed
    return options
  }
}
