import ArgumentParser
import FileSupport

/// The words that a command line may have: subcommands and the values of options, as ArgumentParser tells them.
struct CommandWords {
  private let root: JSONObject

  /// - Returns: `nil` if ArgumentParser's own description of the commands can't be read.
  init?() {
    guard let text = try? JSONParser.parse(Array(NNFMT._dumpHelp().utf8)),
      let command = text.object?["command"]?.object
    else { return nil }
    root = command
  }

  /// What was probably meant by a word that ArgumentParser refuses.
  ///
  /// - Parameter arguments: the command line without the program's name.
  /// - Returns: `did you mean …?`, `nil` if nothing is close.
  func question(for arguments: [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-") else { return nil }
    guard let command = subcommands.first(where: { $0.name == first })?.command else {
      return Spelling.question(for: first, among: subcommands.map(\.name))
    }
    let options = command["arguments"]?.elements?.compactMap(\.object) ?? []
    for (index, argument) in arguments.enumerated() where argument.hasPrefix("--") {
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
      guard let name = parts.first,
        let values = options.first(where: { Self.isNamed($0, name) })?["allValues"]?.elements,
        let value = parts.count == 2 ? parts[1] : arguments.dropFirst(index + 1).first
      else { continue }
      let words = values.compactMap(\.text)
      if !words.contains(value), let question = Spelling.question(for: value, among: words) {
        return question
      }
    }
    return nil
  }

  /// What ArgumentParser tells of a command of `names`, or of nnfmt as a whole.
  func description(of name: String?) -> JSONObject? {
    guard let name else { return root }
    return subcommands.first { $0.name == name }?.command
  }

  /// What can stand behind `nnfmt`.
  var names: [String] { subcommands.map(\.name) }

  private var subcommands: [(name: String, command: JSONObject)] {
    (root["subcommands"]?.elements ?? []).compactMap(\.object).compactMap { command in
      guard command["shouldDisplay"]?.truth != false else { return nil }
      return command["commandName"]?.text.map { ($0, command) }
    }
  }

  private static func isNamed(_ option: JSONObject, _ name: String) -> Bool {
    (option["names"]?.elements ?? []).contains { $0.object?["name"]?.text == name }
  }
}
