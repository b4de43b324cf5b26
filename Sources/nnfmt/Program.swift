import ArgumentParser
import CVersion
import FileSupport

/// The command line: everything that prints, reads arguments and exits.
@main
struct NNFMT: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnfmt",
    abstract: "Reads, writes, converts and checks model files of darknet and Keras.",
    discussion: """
      The format of an input is told from its content, that of an output from --to or its name.

      Exit codes: \(ExitStatus.summary)

      Further topics: \(HelpTopic.summary)
      """,
    version: String(cString: nnfmt_version()),
    subcommands: [
      InspectCommand.self, ConvertCommand.self, RunCommand.self, ValidateCommand.self,
      DetectCommand.self, DiffCommand.self, LayersCommand.self, TrainCommand.self,
      ManualCommand.self,
    ])

  static func main() {
    Console.holdDescriptors()
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try SystemLimits.check()
      Crash.watch()
      try Interruption.watch()
      StandardInput.admit()
      if let topic = try HelpTopic(asked: arguments) {
        return Console.output.lines(topic.lines(style: Style(Console.output)))
      }
      var command = try parseAsRoot()
      try (command as? any DisplayingCommand)?.applyDisplay()
      try command.run()
    } catch let error as ModelFileError {
      Console.error(error)
      Console.exit(ExitStatus(error.kind))
    } catch  where exitCode(for: error) == .validationFailure {
      Console.usage(
        fullMessage(for: error), remedy: CommandWords()?.question(for: arguments))
      Console.exit(.usage)
    } catch {
      // ArgumentParser's own: help, version, completions.
      Console.output.line(fullMessage(for: error))
    }
  }
}
