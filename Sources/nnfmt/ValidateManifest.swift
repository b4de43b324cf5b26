import ArgumentParser
import FileSupport
import ModelFiles
import Validation

/// The options of `validate` that many pairs need.
struct ManifestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A JSON file of pairs, with paths relative to it.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var manifest: String?

  @Option(help: "How many pairs to check at the same time (default: one for each core).")
  var jobs: Int?

  func validate() throws {
    guard let jobs else { return }
    if manifest == nil { throw ValidationError("--jobs is for the pairs of a --manifest.") }
    if jobs < 1 { throw ValidationError("--jobs takes a number from 1 on.") }
  }
}

/// A check of many pairs: each is told as soon as it and those before it are done.
struct ManifestRun {
  let validator: Validator
  let jobs: Int
  let isJSON: Bool

  /// Checks the pairs of a manifest. Ends the process with the largest exit code of a pair, unless that is 0.
  func run(
    _ path: String, defaults: Validator.Options, reports: ReportFiles
  ) throws(ModelFileError) {
    let manifest = try PairManifest(path: path, defaults: defaults)
    var reports = reports
    var document = ReportFormat.json.text(isSingle: false)
    if isJSON { show(document.opening) }
    let progress = ProgressBar("validating", unit: .counted("pair"))
    var done: UInt64 = 0
    try validator.check(manifest.pairs, jobs: jobs) { (pair, result) throws(ModelFileError) in
      let outcome = PairOutcome(name: pair.name, pair.subject, result)
      try reports.add(outcome)
      progress.clear()
      if isJSON {
        show(document.text(of: outcome))
      } else {
        Console.output.line(Self.line(outcome))
      }
      switch result {
      case .success(let report): Console.warnings(report.warnings)
      case .failure(let error): Console.error(error)
      }
      done += 1
      progress.show(done, of: UInt64(manifest.pairs.count))
    }
    progress.clear()
    try reports.commit()
    if isJSON {
      show(document.closing(reports.count))
    } else {
      Console.output.line(reports.count.summary)
    }
    if reports.count.exitCode != ExitStatus.done.rawValue {
      Console.exit(ExitStatus(rawValue: reports.count.exitCode) ?? .internalFault)
    }
  }

  private func show(_ text: String) { Console.output.write(Array(text.utf8)) }

  /// `no match     yolo.h5: the first to depart is convolutional_3`
  private static func line(_ outcome: PairOutcome) -> String {
    let style = Style(Console.output)
    let word: String
    switch outcome.result {
    case .success: word = outcome.verdict
    case .failure: word = "\(outcome.verdict) \(outcome.exitCode)"
    }
    let padding = String(repeating: " ", count: max(0, "not healthy".count - word.count))
    let verdict = outcome.problem == nil ? style.good(word) : style.error(word)
    let problem = outcome.problem.map { ": \($0)" } ?? ""
    return "\(verdict)\(padding)  \(outcome.name.escapedForTerminal)\(problem)"
  }
}

extension PairOutcome {
  /// An outcome with the exit code that it has here.
  init(
    name: String, _ subject: Validator.Subject, _ result: Result<ValidationReport, ModelFileError>
  ) {
    let status: ExitStatus =
      switch result {
      case .success(let report): report.passes ? .done : .noMatch
      case .failure(let error): ExitStatus(error.kind)
      }
    self.init(
      name: name, reference: subject.reference, candidate: subject.candidate, result: result,
      exitCode: status.rawValue)
  }
}
