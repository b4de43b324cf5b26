import FileSupport
import Inspection
import ModelGraph

/// What differs between two files as a page of HTML that needs nothing else.
struct DifferencePage {
  let report: DifferenceReport

  /// The bytes of the page.
  var bytes: [UInt8] { Array(text.utf8) }

  private var text: String {
    let title = "\(report.first.path) – \(report.second.path)"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(Self.escaped(title))</title>
      <style>
      body { font: 14px sans-serif; margin: 2em; color: #222; background: #fff }
      table { border-collapse: collapse; margin-bottom: 2em }
      th, td { border-bottom: 1px solid #ddd; padding: 3px 10px; text-align: left }
      td.number { text-align: right; font-variant-numeric: tabular-nums }
      td.bar { width: 120px }
      td.bar div { height: 9px; background: #c60 }
      </style>
      </head>
      <body>
      <h1>\(report.matches ? "Equal" : "Different")</h1>
      \(files)\(counts)\(metadata)\(storage)\(options)\(tensors)\(values)\(notes)</body>
      </html>

      """
  }

  // MARK: Sections

  private var files: String {
    Self.table(
      nil, ["", "file", "format", "bytes"],
      [("a", report.first), ("b", report.second)].map { name, side in
        [
          .text(name), .text(side.path), .text(side.format),
          .number(NumberText.grouped(side.bytes)),
        ]
      })
  }

  private var counts: String {
    let states = TensorDifference.State.allCases.map { ($0.rawValue, report.count($0)) }
    return Self.table(
      "Tensors by state", states.map(\.0), [states.map { .number(NumberText.grouped($0.1)) }])
  }

  private var metadata: String {
    Self.table(
      "Metadata", ["", "a", "b"],
      report.metadata.map { [.text($0.key), .text($0.first ?? ""), .text($0.second ?? "")] })
  }

  private var storage: String {
    Self.table(
      "Storage", ["tensors", "a", "b"],
      report.storage.map {
        [.text($0.tensors.joined(separator: ", ")), .text($0.first), .text($0.second)]
      })
  }

  private var options: String {
    Self.table(
      "Options", ["layer", "option", "a", "b"],
      report.options.map {
        [.text($0.layer ?? ""), .text($0.key), .text($0.first ?? ""), .text($0.second ?? "")]
      })
  }

  private var tensors: String {
    let differing = report.tensors.filter { $0.state != .equal }
    return Self.table(
      "Tensors that differ",
      ["state", "a", "b", "shape", "type", "differing", "", "max", "mean", "ulp", "not finite"],
      differing.map { tensor in
        let side = tensor.first ?? tensor.second
        let row: [Cell] = [
          .text(tensor.state.rawValue), .text(tensor.first?.name ?? ""),
          .text(tensor.second?.name ?? ""), .text(side?.shape.description ?? ""),
          .text(side?.typeName ?? ""),
        ]
        guard let numbers = tensor.numbers else { return row }
        return row + [
          .number(
            "\(NumberText.grouped(numbers.differing)) of \(NumberText.grouped(numbers.count))"),
          .share(Double(numbers.differing) / Double(max(numbers.count, 1))),
          .number(NumberText.significant(numbers.maximumAbsolute)),
          .number(NumberText.significant(numbers.meanAbsolute)),
          .number(NumberText.grouped(numbers.maximumUnits)),
          .number(NumberText.grouped(numbers.notFinite)),
        ]
      })
  }

  private var values: String {
    report.tensors.map { tensor in
      guard let numbers = tensor.numbers, let first = tensor.first else { return "" }
      return Self.table(
        tensor.name, ["index", "a", "b"],
        numbers.examples.map {
          [
            .text(Shape(first.shape.index(of: $0.position)).description), .number("\($0.first)"),
            .number("\($0.second)"),
          ]
        })
    }.joined()
  }

  private var notes: String {
    Self.table("Not compared", [""], report.notCompared.map { [.text($0)] })
      + Self.table("Warnings", [""], report.warnings.map { [.text($0.description)] })
  }

  // MARK: Tables

  private enum Cell {
    case text(String)
    case number(String)
    /// A part of a whole, as a bar.
    case share(Double)

    var html: String {
      switch self {
      case .text(let text): "<td>\(DifferencePage.escaped(text))</td>"
      case .number(let text): "<td class=\"number\">\(DifferencePage.escaped(text))</td>"
      case .share(let share):
        "<td class=\"bar\"><div style=\"width: \(NumberText.fixed(share * 100, decimals: 1))%\">"
          + "</div></td>"
      }
    }
  }

  /// A table with its heading; nothing for one without rows.
  private static func table(_ heading: String?, _ columns: [String], _ rows: [[Cell]]) -> String {
    guard !rows.isEmpty else { return "" }
    let head = columns.map { "<th>\(escaped($0))</th>" }.joined()
    let body = rows.map { "<tr>\($0.map(\.html).joined())</tr>\n" }.joined()
    return (heading.map { "<h2>\(escaped($0))</h2>\n" } ?? "")
      + "<table>\n<tr>\(head)</tr>\n\(body)</table>\n"
  }

  /// Text out of a file can't become markup.
  fileprivate static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.escapedForTerminal.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
