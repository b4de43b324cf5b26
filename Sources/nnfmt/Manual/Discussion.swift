/// What the help of a command says beside its options, in the parts that a page of the manual has sections for.
///
/// A line that begins with `Examples:`, `Exit codes:` or `Read on:` is of such a part; lines that are indented are
/// shown as they are.
struct Discussion {
  /// A part of the description.
  enum Block {
    case paragraph(String)
    case literal([Substring])
  }

  private(set) var description: [Block] = []
  private(set) var examples: [Substring] = []
  /// What the command's own exit codes mean; empty if it has none but those that all commands have.
  private(set) var exitCodes: [String] = []
  /// Which pages of `spec` tell more.
  private(set) var pages: String?

  init(_ text: String) {
    var literal: [Substring] = []
    var isExample = false
    // The line at the end closes what stands before it.
    for line in (text + "\n").split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(" ") {
        literal.append(line)
        continue
      }
      if isExample {
        examples += literal
      } else if !literal.isEmpty {
        description.append(.literal(literal))
      }
      literal = []
      isExample = line == "Examples:"
      guard !line.isEmpty, !isExample else { continue }
      if let rest = Self.rest(of: line, behind: "Exit codes: ") {
        if rest != ExitStatus.summary { exitCodes.append(rest) }
      } else if let rest = Self.rest(of: line, behind: "Read on: ") {
        pages = rest
      } else {
        description.append(.paragraph(String(line)))
      }
    }
  }

  private static func rest(of line: Substring, behind title: String) -> String? {
    line.hasPrefix(title) ? String(line.dropFirst(title.count)) : nil
  }
}
