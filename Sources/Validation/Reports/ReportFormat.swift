import FileSupport

/// A form in which outcomes are reported.
public enum ReportFormat: String, Sendable, CaseIterable {
  /// The document of `--json`.
  case json
  /// JUnit's XML, as CI servers read it.
  case junit = "xml"
  /// A table in Markdown, for the summary of a job.
  case markdown = "md"

  /// The form that a file's name asks for.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for any other ending.
  public init(path: String) throws(ModelFileError) {
    let name = path.split(separator: "/").last ?? ""
    let ending = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
    guard let format = Self(rawValue: ending.lowercased()) else {
      throw ModelFileError(
        .unsupported, file: path,
        ending.isEmpty
          ? "no form of a report follows from the name"
          : "there is no report in the form .\(ending.escapedForTerminal)",
        expected: Self.allCases.map { ".\($0.rawValue)" }.joined(separator: ", "))
    }
    self = format
  }

  /// A text of this form.
  ///
  /// - Parameter isSingle: whether one pair is checked, and by itself.
  public func text(isSingle: Bool) -> any ReportText {
    switch self {
    case .json: isSingle ? SingleJSON() : ManifestJSON()
    case .junit: JUnitText()
    case .markdown: MarkdownText()
    }
  }
}

/// A report as text that grows pair by pair, so that nothing has to be kept of a pair once it is told.
///
/// `opening` comes first, then `text(of:)` of each pair, then `closing`. Nothing in it depends on the time or the machine:
/// equal outcomes give equal bytes.
public protocol ReportText: Sendable {
  /// What stands in front of the first pair.
  var opening: String { get }
  /// What is said of a pair.
  mutating func text(of outcome: PairOutcome) -> String
  /// What stands behind the last pair.
  func closing(_ count: OutcomeCount) -> String
}

/// One pair's own document.
private struct SingleJSON: ReportText {
  var opening: String { "" }

  func text(of outcome: PairOutcome) -> String {
    String(decoding: JSONWriter(style: .pretty).bytes(of: outcome.document), as: UTF8.self)
  }

  func closing(_ count: OutcomeCount) -> String { "\n" }
}

/// The document of many pairs, a line for each.
private struct ManifestJSON: ReportText {
  private var isFirst = true

  var opening: String { "{\n\"pairs\": [" }

  mutating func text(of outcome: PairOutcome) -> String {
    let line = String(decoding: JSONWriter().bytes(of: outcome.element), as: UTF8.self)
    defer { isFirst = false }
    return (isFirst ? "\n" : ",\n") + line
  }

  func closing(_ count: OutcomeCount) -> String {
    let summary = String(decoding: JSONWriter().bytes(of: count.json), as: UTF8.self)
    return "\n],\n\"summary\": \(summary)\n}\n"
  }
}
