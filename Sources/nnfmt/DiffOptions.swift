import ArgumentParser

/// The options of `diff` for a page of HTML.
struct DifferencePageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Also write the report as a page of HTML.", valueName: "out.html"),
    completion: .file(extensions: ["html"]))
  var report: String?

  @Flag(help: "Replace a report that exists.")
  var force = false

  func validate() throws {
    if let report, !report.lowercased().hasSuffix(".html") {
      throw ValidationError("--report takes a name that ends in .html.")
    }
    if report == nil, force { throw ValidationError("--force goes with --report.") }
  }
}

/// The options of `diff` for git.
struct GitOptions: ParsableArguments {
  @Flag(help: "Print what a file holds as text, for git's textconv.")
  var textconv = false

  @Flag(help: "Take the arguments that git gives to an external diff.")
  var git = false

  @Flag(name: .customLong("exit-code"), help: "With --git: exit with 1 where something differs.")
  var exitCode = false

  func validate() throws {
    if textconv && git { throw ValidationError("--textconv and --git exclude each other.") }
    if exitCode && !git { throw ValidationError("--exit-code goes with --git.") }
  }
}
