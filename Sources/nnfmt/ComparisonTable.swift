import FileSupport
import Validation

/// A comparison as a person reads it: what departs, or that nothing does.
struct ComparisonTable {
  let report: ComparisonReport

  /// What differs in the interface, the layers and their options.
  private func differences(style: Style) -> [String] {
    guard !report.differences.isEmpty else { return [] }
    var table = Table(
      [
        ("layer", .left), ("option", .left), ("reference", .left), ("candidate", .left),
      ], wrapping: [0, 1, 2, 3])
    for difference in report.differences {
      table.add([
        difference.layer, difference.option, difference.reference, difference.candidate,
      ])
    }
    return table.lines(style: style) + [""]
  }

  /// The options that differ and change nothing, in a line for each layer.
  private func equivalent() -> [String] {
    var layers: [(name: String, options: [String])] = []
    for difference in report.equivalent {
      if layers.last?.name != difference.layer { layers.append((difference.layer, [])) }
      layers[layers.count - 1].options.append(difference.option)
    }
    return layers.map { layer in
      "\(layer.name): differs in \(layer.options.joined(separator: ", ")), which changes nothing"
        .escapedForTerminal
    }
  }

  /// What was left open, a line each.
  private func notProved() -> [String] {
    let shown = report.notProved.prefix(Self.shownReasons)
    let more = report.notProved.count - shown.count
    return shown.map { "not proved: \($0)".escapedForTerminal }
      + (more > 0 ? ["not proved: \(more) more, which --json lists"] : [])
  }

  private static let shownReasons = 8

  func lines(style: Style) -> [String] {
    var lines = differences(style: style)
    if !report.differingParameters.isEmpty {
      var table = Table(
        [
          ("parameter", .left), ("differing", .right), ("of", .right), ("max difference", .right),
        ], wrapping: [0])
      for parameter in report.differingParameters {
        table.add([
          parameter.name, NumberText.grouped(parameter.differing),
          NumberText.grouped(parameter.count), NumberText.significant(parameter.maximumAbsolute),
        ])
      }
      lines += table.lines(style: style) + [""]
    }
    let departing =
      report.layers.filter { !$0.matches }
      + report.outputs.compactMap(\.values).filter { output in
        !output.matches && !report.layers.contains { $0.name == output.name }
      }
    if !departing.isEmpty {
      var table = Table(
        [
          ("layer", .left), ("max difference", .right), ("relative", .right), ("allowed", .right),
          ("times", .right),
        ], wrapping: [0])
      for layer in departing {
        let departure = layer.departure
        table.add([
          layer.name, NumberText.significant(departure.absolute),
          NumberText.significant(departure.relative), NumberText.significant(departure.allowed),
          NumberText.factor(departure.relative / departure.allowed),
        ])
      }
      lines += table.lines(style: style) + [""]
    }
    lines += equivalent()
    if let independent = report.independent?.independentText {
      lines.append("compared by independent means: \(independent)")
    }
    lines += notProved()
    if let cause = report.cause {
      lines.append("likely cause: \(cause)".escapedForTerminal)
    }
    let compared =
      "\(report.parametersCompared) parameters, \(report.operationsCompared) operations and "
      + "\(report.layers.count) layers compared"
    if let first = report.firstDifference {
      return lines + [style.error("no match") + ": \(compared), the first to depart is \(first)"]
    }
    return lines + [style.good("match") + ": \(compared)"]
  }
}
