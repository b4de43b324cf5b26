import FileSupport
import Inspection

/// What `validate` found out about a model.
public enum ValidationReport: Sendable {
  /// How it differs from another one, or from what was recorded.
  case comparison(ComparisonReport)
  /// What is wrong with its numbers.
  case health(HealthReport)

  /// Whether nothing is wrong.
  public var passes: Bool {
    switch self {
    case .comparison(let report): report.matches
    case .health(let report): report.isHealthy
    }
  }

  /// `match`, `no match`, `healthy` or `not healthy`.
  public var verdict: String {
    switch self {
    case .comparison: passes ? "match" : "no match"
    case .health: passes ? "healthy" : "not healthy"
    }
  }

  /// What is wrong, in one line; `nil` where nothing is.
  public var problem: String? {
    switch self {
    case .comparison(let report):
      report.firstDifference.map { "the first to depart is \($0)\(report.causeSuffix)" }
    case .health(let report): report.findings.first?.sentence
    }
  }

  /// What the user should know.
  public var warnings: [ModelWarning] {
    switch self {
    case .comparison(let report): report.warnings
    case .health(let report): report.warnings
    }
  }

  /// The document.
  public var json: JSONValue {
    switch self {
    case .comparison(let report): report.json
    case .health(let report): report.json
    }
  }
}
