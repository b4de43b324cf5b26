import ArgumentParser
import FileSupport
import Synchronization

/// How the console shows what a command says, for the whole process.
struct Display: Sendable {
  /// When colours are shown.
  enum Colour: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// On a terminal, unless `NO_COLOR` is set (https://no-color.org).
    case auto
    case always
    case never
  }

  var colour = Colour.auto
  /// Whether results in words and progress are left out. Warnings and errors stay.
  var isQuiet = false
  /// Whether progress is shown where there is a terminal.
  var showsProgress = true

  /// As the command line asks for.
  static let chosen = Mutex(Display())

  static var current: Display { chosen.withLock { $0 } }
}

/// The options of every command for what it shows.
struct DisplayOptions: ParsableArguments {
  @Flag(
    help: """
      Print nothing on standard output and show no progress; the exit code tells. Warnings and errors \
      stay.
      """)
  var quiet = false

  @Flag(name: .customLong("no-progress"), help: "Show no progress, on a terminal either.")
  var noProgress = false

  @Option(
    help: ArgumentHelp(
      "When colours are shown; auto: on a terminal, unless NO_COLOR is set.",
      valueName: "when"))
  var color: Display.Colour = .auto
}

/// A command with the options that all have in common.
protocol DisplayingCommand: ParsableCommand {
  var display: DisplayOptions { get }
  /// Whether one JSON document is printed.
  var json: Bool { get }
}

extension DisplayingCommand {
  /// Lets the console show what follows as the options ask for.
  ///
  /// - Throws: `ModelFileError` of kind `usage` for options that contradict each other.
  func applyDisplay() throws(ModelFileError) {
    guard !(json && display.quiet) else {
      throw ModelFileError(
        .usage, "--json and --quiet exclude each other", remedy: "leave one of them out")
    }
    Display.chosen.withLock {
      $0 = Display(
        colour: display.color, isQuiet: display.quiet,
        showsProgress: !display.quiet && !display.noProgress)
    }
  }
}
