import FileSupport
import Inspection

/// What `validate MODEL` finds, as a person reads it.
struct HealthTable {
  let report: HealthReport

  func lines(style: Style) -> [String] {
    var lines: [String] = []
    if !report.findings.isEmpty {
      var table = Table(
        [
          ("layer", .left), ("tensor", .left), ("finding", .left), ("detail", .left),
        ], wrapping: [0, 1, 2, 3])
      for finding in report.findings {
        table.add([finding.layer, finding.tensor, finding.kind.rawValue, finding.detail])
      }
      lines += table.lines(style: style) + [""]
    }
    let looked = "\(report.tensors.counted("tensor")) looked at"
    guard report.isHealthy else {
      return lines + [
        style.error("not healthy") + ": \(looked), \(report.findings.count.counted("finding"))"
      ]
    }
    return lines + [style.good("healthy") + ": \(looked)"]
  }
}
