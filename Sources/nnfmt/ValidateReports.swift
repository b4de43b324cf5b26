import ArgumentParser
import FileSupport
import Validation

/// The options of `validate` that ask for files.
struct ReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write what came of it, also of what can't be checked: .json, .xml (JUnit), .md. Can be repeated.",
      valueName: "file"),
    completion: .file(extensions: ReportFormat.allCases.map(\.rawValue)))
  var report: [String] = []

  func validate() throws {
    if let twice = report.first(where: { name in report.count { $0 == name } > 1 }) {
      throw ValidationError("--report names \(twice.escapedForTerminal) twice.")
    }
  }
}

/// The reports that are asked for, written while pairs are checked; they get their names when all are done.
struct ReportFiles {
  private var reports: [(file: OutputFile, text: any ReportText)] = []
  /// What came of the pairs so far.
  private(set) var count = OutcomeCount()

  /// Creates the files.
  ///
  /// - Throws: `ModelFileError`: `unsupported` for a name that asks for no form that there is, `cannotCreate`.
  init(_ paths: [String], overwrites: Bool, isSingle: Bool) throws(ModelFileError) {
    var formats: [ReportFormat] = []
    // All names are looked at before any file is made.
    for path in paths { formats.append(try ReportFormat(path: path)) }
    for (path, format) in zip(paths, formats) {
      let file = try OutputFile(path: path, overwrites: overwrites)
      let text = format.text(isSingle: isSingle)
      try file.append(Array(text.opening.utf8))
      reports.append((file, text))
    }
  }

  /// Writes what came of one more pair.
  mutating func add(_ outcome: PairOutcome) throws(ModelFileError) {
    count.add(outcome)
    for index in reports.indices {
      try reports[index].file.append(Array(reports[index].text.text(of: outcome).utf8))
    }
  }

  /// Gives the files their names: all of them, or none.
  func commit() throws(ModelFileError) {
    for (file, text) in reports { try file.append(Array(text.closing(count).utf8)) }
    try OutputFile.commit(reports.map(\.file))
  }
}
