import ArgumentParser
import FileSupport

/// `nnfmt generate-manual`, for whoever installs or packs nnfmt.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate-manual",
    abstract: "Writes the pages of the manual, for man: nnfmt.1 and one for each command.",
    shouldDisplay: false)

  @Argument(
    help: "The folder to write them into; it is created if missing.", completion: .directory)
  var folder: String

  func run() throws {
    let words = CommandWords()
    let commands = NNFMT.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    let output = try OutputFolder(path: folder)
    for command in [NNFMT.self] + commands {
      let words = words?.description(of: command == NNFMT.self ? nil : command._commandName)
      let page = ManualPage(of: command, words: words ?? JSONObject(), among: commands)
      try output.add(page.fileName, overwrites: true)
        .append(Array((page.lines.joined(separator: "\n") + "\n").utf8))
    }
    try output.commit()
  }
}
