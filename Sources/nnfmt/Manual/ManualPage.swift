import ArgumentParser
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A page of the manual, out of what `--help` says: of nnfmt as a whole, or of a command.
///
/// What ArgumentParser's own tool makes has no exit codes, no examples and no values of options, and names that
/// `man nnfmt run` does not find.
struct ManualPage {
  private let command: any ParsableCommand.Type
  private let words: JSONObject
  private let commands: [any ParsableCommand.Type]

  /// - Parameters:
  ///   - command: what the page is of.
  ///   - words: what ArgumentParser tells of its arguments.
  ///   - commands: the commands that have pages.
  init(
    of command: any ParsableCommand.Type, words: JSONObject,
    among commands: [any ParsableCommand.Type]
  ) {
    self.command = command
    self.words = words
    self.commands = commands
  }

  /// What `man` knows the page as; of a command `nnfmt-run`, which `man nnfmt run` finds.
  var name: String { isRoot ? Self.root : "\(Self.root)-\(command._commandName)" }

  /// The page's file.
  var fileName: String { "\(name).\(Self.section)" }

  /// The page, in mdoc.
  var lines: [String] {
    let discussion = Discussion(command.configuration.discussion)
    var lines = [
      ".\\\" Made by nnfmt generate-manual.",
      ".Dd \(Self.date)", ".Dt \(name.uppercased()) \(Self.section)",
      ".Os \(ManualText.argument("\(Self.root) \(NNFMT.configuration.version)"))",
      // An option that is broken where the line ends could not be looked for.
      ".nh", ".Sh NAME", ".Nm \(name)", ".Nd \(ManualText.argument(title))",
    ]
    lines += [".Sh SYNOPSIS"] + synopsis
    lines += [".Sh DESCRIPTION"] + description(discussion)
    lines += [".Sh OPTIONS"] + options
    lines += [".Sh EXIT STATUS"] + discussion.exitCodes.flatMap(ManualText.running)
    lines += list(ExitStatus.allCases.map { ("Er \($0.rawValue)", $0.meaning) }, isClose: true)
    if !discussion.examples.isEmpty {
      lines += [".Sh EXAMPLES"] + ManualText.literal(discussion.examples)
    }
    return lines + [".Sh SEE ALSO"] + references(discussion)
  }

  private static let root = NNFMT._commandName
  private static let section = 1

  private var isRoot: Bool { command == NNFMT.self }

  private var title: String {
    let abstract = command.configuration.abstract
    return abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
  }

  /// "Usage: nnfmt run [<options>] <model>": what stands in angle brackets is the user's to say.
  private var synopsis: [String] {
    let usage = isRoot ? NNFMT.usageString() : NNFMT.usageString(for: command)
    let name = isRoot ? [Self.root] : [Self.root, command._commandName]
    return usage.split(separator: "\n").flatMap { line in
      let words = line.split(separator: " ").drop { $0 != Self.root }.dropFirst(name.count)
      let text = ManualText.escaped(words.joined(separator: " "))
      return [".Nm \(name.joined(separator: " "))"]
        + [text.map { $0 == "<" ? "\\fI" : $0 == ">" ? "\\fR" : String($0) }.joined()]
    }
  }

  private func description(_ discussion: Discussion) -> [String] {
    var lines: [String] = []
    for block in discussion.description {
      switch block {
      case .literal(let shown): lines += ManualText.literal(shown)
      case .paragraph(let text): lines += (lines.isEmpty ? [] : [".Pp"]) + ManualText.running(text)
      }
    }
    guard isRoot else { return lines }
    return lines + [".Pp", "The commands:"]
      + list(
        commands.map { ("Cm \(ManualText.argument($0._commandName))", $0.configuration.abstract) })
  }

  private func references(_ discussion: Discussion) -> [String] {
    let others = isRoot ? commands.map { "\(Self.root)-\($0._commandName)" }.sorted() : [Self.root]
    let pages = discussion.pages.map { ManualText.running("In nnfmt's source: \($0)") }
    return others.map { ".Xr \($0) \(Self.section)\($0 == others.last ? "" : " ,")" }
      + (pages.map { [".Pp"] + $0 } ?? [])
  }

  private var options: [String] {
    var groups: [(title: String?, items: [(String, String)])] = []
    for argument in (words["arguments"]?.elements ?? []).compactMap(\.object)
    where argument["shouldDisplay"]?.truth != false {
      let title = argument["sectionTitle"]?.text
      if let index = groups.firstIndex(where: { $0.title == title }) {
        groups[index].items.append(item(of: argument))
      } else {
        groups.append((title, [item(of: argument)]))
      }
    }
    return groups.flatMap { group in
      (group.title.map { [".Ss \($0)"] } ?? []) + list(group.items)
    }
  }

  private func item(of argument: JSONObject) -> (String, String) {
    let value = "Ar \(ManualText.argument(argument["valueName"]?.text ?? ""))"
    let names = (argument["names"]?.elements ?? []).compactMap { name in
      name["name"]?.text.map { name["kind"]?.text == "long" ? "Fl -\($0)" : "Fl \($0)" }
    }
    var text = argument["abstract"]?.text ?? ""
    if let given = argument["defaultValue"]?.text { text += " (default: \(given))" }
    if let values = argument["allValues"]?.elements?.compactMap(\.text), !values.isEmpty {
      text += " (values: \(values.joined(separator: ", ")))"
    }
    guard !names.isEmpty else { return (value, text) }
    let flags = names.joined(separator: " , ")
    return (argument["kind"]?.text == "option" ? "\(flags) \(value)" : flags, text)
  }

  private func list(_ items: [(title: String, text: String)], isClose: Bool = false) -> [String] {
    [".Bl -tag -width Ds\(isClose ? " -compact" : "")"]
      + items.flatMap { [".It \($0.title)"] + ManualText.running($0.text) } + [".El"]
  }

  /// The day; that of `SOURCE_DATE_EPOCH`, by which builds are made reproducible, if it is set.
  private static var date: String {
    var seconds = getenv("SOURCE_DATE_EPOCH").flatMap { time_t(String(cString: $0)) } ?? time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 40)
    strftime(&text, text.count, "%B %e, %Y", &parts)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
  }
}
