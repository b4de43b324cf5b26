import FileSupport
import Inspection

/// JUnit's XML: a suite for each pair; its cases are the proofs and the layers, or what a model alone is looked at for.
///
/// No schema of JUnit's is official. What is written here is common to what Jenkins, GitLab and the actions for GitHub
/// read: `testsuites`, `testsuite` with counts and `file`, `testcase` with `classname` and `name`, and in it `failure`,
/// `error` or `skipped`. The schema that Jenkins's xUnit plugin holds files against admits no `file` at a `testcase`.
struct JUnitText: ReportText {
  /// One test, and how it ended.
  private struct Case {
    enum End { case passed, failed, error, skipped }

    let name: String
    let end: End
    /// Why it did not pass: the first line is the message.
    var reasons: [String] = []

    /// A case that fails if there are reasons.
    init(_ name: String, failures: [String]) {
      self.name = name
      end = failures.isEmpty ? .passed : .failed
      reasons = failures
    }

    init(_ name: String, _ end: End, _ reasons: [String]) {
      self.name = name
      self.end = end
      self.reasons = reasons
    }
  }

  var opening: String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nnfmt validate\">\n"
  }

  func text(of outcome: PairOutcome) -> String {
    let cases: [Case]
    var notProved: [String] = []
    switch outcome.result {
    case .success(.comparison(let report)):
      cases = Self.cases(of: report)
      notProved = report.notProved
    case .success(.health(let report)): cases = Self.cases(of: report)
    case .failure(let error):
      cases = [Case("validate", .error, [outcome.problem ?? "", error.description])]
    }
    func count(_ end: Case.End) -> String { "\(cases.count { $0.end == end })" }
    var text = "  <testsuite" + Self.attribute("name", outcome.name)
    text += Self.attribute("file", outcome.candidate)
    text += Self.attribute("tests", "\(cases.count)") + Self.attribute("failures", count(.failed))
    text += Self.attribute("errors", count(.error)) + Self.attribute("skipped", count(.skipped))
    text += ">\n"
    for test in cases { text += Self.element(test, of: outcome) }
    if !notProved.isEmpty {
      let lines = notProved.map { "not proved: \($0)" }.joined(separator: "\n")
      text += "    <system-out>\(Self.escaped(lines))</system-out>\n"
    }
    return text + "  </testsuite>\n"
  }

  func closing(_ count: OutcomeCount) -> String { "</testsuites>\n" }

  /// The proofs, then the layers; a proof that was not made and found nothing is skipped.
  private static func cases(of report: ComparisonReport) -> [Case] {
    func proof(_ name: String, _ failures: [String], isMade: Bool) -> Case {
      isMade || !failures.isEmpty
        ? Case(name, failures: failures) : Case(name, .skipped, ["not compared"])
    }
    var cases = [
      proof(
        "architecture", report.differences.map(\.sentence), isMade: report.comparesConfiguration),
      proof(
        "parameters", report.differingParameters.map(\.sentence), isMade: report.comparesParameters),
      proof(
        "outputs", report.outputs.filter { !$0.matches }.map(\.sentence),
        isMade: report.comparesValues),
    ]
    cases += report.layers.map {
      Case("layer \($0.name)", failures: $0.matches ? [] : [$0.sentence])
    }
    if let cause = report.cause, let failed = cases.firstIndex(where: { $0.end == .failed }) {
      cases[failed].reasons.append("likely cause: \(cause)")
    }
    return cases
  }

  /// A case for each kind of finding.
  private static func cases(of report: HealthReport) -> [Case] {
    HealthReport.Finding.Kind.allCases.map { kind in
      Case(kind.rawValue, failures: report.findings.filter { $0.kind == kind }.map(\.sentence))
    }
  }

  private static func element(_ test: Case, of outcome: PairOutcome) -> String {
    var text = "    <testcase" + attribute("classname", outcome.name)
    text += attribute("name", test.name)
    let message = attribute("message", test.reasons.first ?? "")
    let body = escaped(test.reasons.joined(separator: "\n"))
    switch test.end {
    case .passed: return text + "/>\n"
    case .skipped: return text + "><skipped\(message)/></testcase>\n"
    case .failed:
      let type = attribute("type", outcome.verdict)
      return text + "><failure\(message)\(type)>\(body)</failure></testcase>\n"
    case .error:
      let code = attribute("type", "exit code \(outcome.exitCode)")
      return text
        + "><error\(message)\(code)>\(escaped(test.reasons.last ?? ""))</error></testcase>\n"
    }
  }

  private static func attribute(_ name: String, _ value: String) -> String {
    " \(name)=\"\(escaped(value))\""
  }

  /// Text as XML holds it, whatever a file's names are made of: of control characters XML has only the line feed.
  private static func escaped(_ text: String) -> String {
    // Most names are of plain characters.
    guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F || "&<>\"".utf8.contains($0) }) else {
      return text
    }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result += String(scalar).escapedForTerminal
      }
    }
    return result
  }
}
