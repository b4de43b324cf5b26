import FileSupport

/// A table in Markdown: a row for each pair, the count below.
struct MarkdownText: ReportText {
  var opening: String {
    "| pair | result | parameters | operations | layers | what is wrong |\n"
      + "| :-- | :-- | --: | --: | --: | :-- |\n"
  }

  func text(of outcome: PairOutcome) -> String {
    var cells = [outcome.name]
    switch outcome.result {
    case .success(let report):
      cells.append("\(report.passes ? "✅" : "❌") \(outcome.verdict)")
      switch report {
      case .comparison(let report):
        cells += [report.parametersCompared, report.operationsCompared, report.layers.count]
          .map { "\($0)" }
        cells.append(report.firstSentence.map { $0 + report.causeSuffix } ?? "")
      case .health(let report):
        cells += ["\(report.tensors)", "", "", report.findings.first?.sentence ?? ""]
      }
    case .failure:
      cells += ["⚠️ error \(outcome.exitCode)", "", "", "", outcome.problem ?? ""]
    }
    return "| " + cells.map(Self.escaped).joined(separator: " | ") + " |\n"
  }

  func closing(_ count: OutcomeCount) -> String { "\n\(count.summary)\n" }

  /// Text that means nothing to Markdown, in one line.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += " "
      case "\\", "|", "`", "*", "_", "[", "]", "<", ">", "~", "#", "&", "$":
        result += "\\" + String(scalar)
      default: result += String(scalar).escapedForTerminal
      }
    }
    return result
  }
}
