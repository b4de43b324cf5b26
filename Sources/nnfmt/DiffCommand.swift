import ArgumentParser
import Darknet
import FileSupport
import Inspection
import ModelFiles

/// `nnfmt diff`
struct DiffCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Shows what differs between two model files: tensors, options, metadata.",
    usage: """
      nnfmt diff [<options>] <a> <b>
      nnfmt diff --textconv [--cfg <file>] <file>
      nnfmt diff --git [<options>] <path> <old> <hex> <mode> <new> <hex> <mode>
      """,
    discussion: """
      Tensors are equal (to the bit), moved, renamed (found by their content), changed (how many \
      numbers, the largest and the mean difference, units in the last place), or in one file only. \
      The files may be of two formats; what only one of them has a place for is listed and does not \
      count. /dev/null stands for no file. To prove that two files compute the same, use validate.

      A .weights file is read with its cfg (--cfg, or the file beside it with the same stem), or \
      without one as a row of floats.

      Exit codes: 0 nothing differs, 1 something does; with --git 0, unless --exit-code is given.

      With git:
        echo "*.weights diff=nnfmt" >> .gitattributes
        git config diff.nnfmt.textconv "nnfmt diff --textconv"
        git config diff.nnfmt.command "nnfmt diff --git"

      Examples:
        nnfmt diff old.weights new.weights --cfg net.cfg --stat
        nnfmt diff model.h5 model.keras --values 5
        nnfmt diff model.weights model.h5 --json

      Read on: spec/diff.md
      """)

  @Argument(
    help: "Two files; with --textconv one; with --git what git tells.", completion: .file())
  var files: [String] = []

  @Option(
    help: "The architecture of weights: a cfg, or a Keras model or its JSON.",
    completion: .file(extensions: ["cfg", "h5", "keras", "json"]))
  var cfg: String?

  @Option(help: "Which darknet the files are read as (default: \(Dialect.whereUnnamed)).")
  var dialect: Dialect?

  @Flag(help: "A line for each tensor that differs, with a bar, and a summary.")
  var stat = false

  @Option(help: ArgumentHelp("Show so many numbers of each changed tensor.", valueName: "count"))
  var values = 0

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false

  @OptionGroup(title: "Report") var reporting: DifferencePageOptions
  @OptionGroup(title: "With git") var gitting: GitOptions
  @OptionGroup(title: "Display") var display: DisplayOptions

  func validate() throws {
    let counts = gitting.textconv ? [1] : gitting.git ? [1, 7, 9] : [2]
    guard counts.contains(files.count) else {
      throw ValidationError(
        gitting.textconv
          ? "--textconv takes one file."
          : gitting.git
            ? "--git takes the arguments that git gives: 1, 7 or 9." : "Two files are needed.")
    }
    if values < 0 { throw ValidationError("--values takes a number, 0 or more.") }
    let forms = [("--stat", stat), ("--json", json), ("--quiet", display.quiet)].filter(\.1).map(
      \.0)
    if forms.count > 1 {
      throw ValidationError("\(forms.joined(separator: " and ")) exclude each other.")
    }
    guard reporting.report == nil || !gitting.textconv && !gitting.git else {
      throw ValidationError("--report goes with two files, not with --textconv or --git.")
    }
    if gitting.textconv, let form = forms.first ?? (values > 0 ? "--values" : nil) {
      throw ValidationError("\(form) means nothing with --textconv.")
    }
  }

  func run() throws {
    if gitting.textconv { return try list() }
    guard gitting.git else {
      // Before anything is read: the name may be taken.
      let page = try reporting.report.map { (path) throws(ModelFileError) in
        try OutputFile(path: path, overwrites: reporting.force)
      }
      let found = try compared(files[0], files[1], place: nil, names: nil)
      if let page {
        try page.append(DifferencePage(report: found).bytes)
        try OutputFile.commit([page])
      }
      return show(found, exitsWithDifference: true)
    }
    guard let change = GitChange(files) else {
      return Console.output.line("\(files[0].escapedForTerminal): unmerged")
    }
    do throws(ModelFileError) {
      let found = try compared(
        change.old, change.new, place: change.newPath, names: (change.oldName, change.newName))
      show(found, exitsWithDifference: gitting.exitCode)
    } catch {
      guard !gitting.exitCode else { throw error }
      // git stops at a diff that fails, and would show nothing of the files behind it.
      Console.output.line("\(change.path.escapedForTerminal): can't be compared: \(error)")
    }
  }

  private func open(_ path: String) throws(ModelFileError) -> ModelFile? {
    path == GitChange.noFile ? nil : try ModelFile(path, locksFile: !noLock)
  }

  private func compared(
    _ first: String, _ second: String, place: String?, names: (String, String)?
  ) throws(ModelFileError) -> DifferenceReport {
    let one = try open(first)
    let two = first == second ? one : try open(second)
    var source = DifferenceSource(
      one, two, config: cfg.map(ArchitectureFile.init), place: place, dialect: dialect)
    source.names = names ?? (first, second)
    return try source.report(examples: values)
  }

  private func show(_ report: DifferenceReport, exitsWithDifference: Bool) {
    if json {
      Console.document(report.json)
    } else {
      let table = DifferenceTable(report: report)
      let style = Style(Console.output)
      // Among the files of a repository it has to be said which one this is.
      if gitting.git, stat { Console.output.lines(table.heading(style)) }
      Console.output.lines(
        stat
          ? table.stat(style: style, width: Console.output.width ?? 80)
          : table.lines(style: style))
    }
    Console.warnings(report.warnings)
    if !report.matches, exitsWithDifference { Console.exit(.noMatch) }
  }

  /// The text is of the content alone: a cfg that stands beside the file in the work tree does not stand beside
  /// git's copies of older ones.
  private func list() throws(ModelFileError) {
    let file = try ModelFile(files[0], locksFile: !noLock, looksBeside: false)
    let source = DifferenceSource(
      file, nil, config: cfg.map(ArchitectureFile.init), dialect: dialect)
    Console.output.lines(try source.listing())
  }
}

/// What git tells an external diff of a file (`GIT_EXTERNAL_DIFF` in git's manual): its path, and for both
/// versions a file that holds the content, the object's name and the mode; of a file with a new name also that.
struct GitChange {
  /// What git names where there is no file.
  static let noFile = "/dev/null"

  /// The path in the work tree; of a file with a new name the old one.
  let path: String
  /// A file with the old content.
  let old: String
  /// A file with the new content.
  let new: String
  /// The path in the work tree that the new version has.
  let newPath: String

  /// - Returns: `nil` for a path that is not merged, of which git tells nothing else.
  init?(_ arguments: [String]) {
    guard arguments.count >= 7 else { return nil }
    path = arguments[0]
    old = arguments[1]
    new = arguments[4]
    newPath = arguments.count > 7 ? arguments[7] : arguments[0]
  }

  /// What the old version is called.
  var oldName: String { old == Self.noFile ? old : "a/\(path)" }
  /// What the new version is called.
  var newName: String { new == Self.noFile ? new : "b/\(newPath)" }
}
