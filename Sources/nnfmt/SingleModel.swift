import ArgumentParser
import FileSupport
import ModelFiles

/// The options of `validate` for one model that is run.
struct SingleModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Run the one model and write its inputs and its layers' values there.", valueName: "folder"),
    completion: .directory)
  var record: String?

  @Option(
    help: ArgumentHelp(
      "Run the one model and compare its layers' values with those recorded there.",
      valueName: "folder"),
    completion: .directory)
  var expect: String?

  func validate() throws {
    if record != nil, expect != nil {
      throw ValidationError("--record and --expect don't go together: record first, then expect.")
    }
  }
}

/// `nnfmt validate MODEL --record FOLDER`
struct RecordingRun {
  let validator: Validator
  let overwrites: Bool
  let isJSON: Bool

  /// Runs a model and keeps its values.
  ///
  /// - Throws: `ModelFileError` if it can't be run, or a file can't be written.
  func run(
    _ path: String, _ options: Validator.Options, in folder: String
  ) throws(ModelFileError) {
    let output = try OutputFolder(path: folder)
    let progress = ProgressBar("recording", unit: .counted("array"))
    let (count, warnings) = try validator.record(
      path, options: options, into: output, overwrites: overwrites
    ) { progress.show(UInt64($0), of: UInt64($1)) }
    progress.clear()
    try output.commit(awaitsReport: true)
    if isJSON {
      Console.document([
        "model": .string(path), "recording": .string(folder), "arrays": JSONValue(count),
        "warnings": .array(warnings.map { .string($0.description) }),
      ])
    } else {
      Console.output.lines(["recorded: \(count.counted("array")) in \(folder.escapedForTerminal)"])
    }
    TemporaryFiles.keepOutputs()
    Console.warnings(warnings)
  }
}
