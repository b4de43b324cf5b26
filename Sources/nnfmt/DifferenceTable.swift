import FileSupport
import Inspection
import ModelGraph

/// What differs between two files as a person reads it.
struct DifferenceTable {
  let report: DifferenceReport

  /// Everything that differs, in tables; the summary last.
  func lines(style: Style) -> [String] {
    var lines = heading(style)
    for table in [metadata, storage, options, tensors].compactMap(\.self) {
      lines += table.lines(style: style) + [""]
    }
    lines += values(style)
    return lines + equivalent + notCompared + [summary(style)]
  }

  /// A line for each tensor that differs, and one for each layer with other options, in the manner of
  /// `git diff --stat`, of so many columns.
  func stat(style: Style, width: Int) -> [String] {
    var rows: [(name: String, count: String, bar: String)] = []
    if !report.metadata.isEmpty {
      rows.append(("(metadata)", "\(report.metadata.count)", bar(report.metadata.count)))
    }
    for (layer, count) in optionCounts { rows.append((layer, "\(count)", bar(count))) }
    for tensor in report.tensors where tensor.state != .equal {
      let (count, bar) = change(of: tensor, cells: 20)
      rows.append((name(of: tensor), count, bar))
    }
    let counts = rows.map(\.count.count).max() ?? 0
    // Long names lose their beginnings, as git's do.
    let room = max(20, width - counts - 26)
    let names = min(room, rows.map(\.name.count).max() ?? 0)
    let lines = rows.map { row in
      let name = row.name.count > names ? "…\(row.name.suffix(names - 1))" : row.name
      let padded = name + String(repeating: " ", count: names - name.count)
      let count = String(repeating: " ", count: counts - row.count.count) + row.count
      return " \(padded) | \(count) \(coloured(row.bar, style))"
    }
    return lines + [" \(summary(style))"]
  }

  // MARK: Parts

  /// Both files.
  func heading(_ style: Style) -> [String] {
    [
      style.error("--- ") + Self.text(report.first),
      style.good("+++ ") + Self.text(report.second), "",
    ]
  }

  private static func text(_ side: DifferenceReport.Side) -> String {
    let path = side.path.escapedForTerminal
    return side.format == ModelContents.noFormat
      ? path : "\(path)  \(side.format), \(NumberText.bytes(side.bytes))"
  }

  private var metadata: Table? {
    table(
      "metadata", report.metadata.map { ["", $0.key, $0.first ?? "none", $0.second ?? "none"] })
  }

  private var options: Table? {
    table(
      "option",
      report.options.map { [$0.layer ?? "", $0.key, $0.first ?? "none", $0.second ?? "none"] })
  }

  private var storage: Table? {
    table(
      "storage",
      report.storage.map { entry in
        let others = entry.tensors.count - 1
        return [
          "", others == 0 ? entry.tensors[0] : "\(entry.tensors[0]) and \(others) more",
          entry.first, entry.second,
        ]
      })
  }

  private func table(_ title: String, _ rows: [[String]]) -> Table? {
    guard !rows.isEmpty else { return nil }
    var table = Table(
      [("layer", .left), (title, .left), ("a", .left), ("b", .left)], wrapping: [0, 1, 2, 3])
    for row in rows { table.add(row.map(Self.shortened)) }
    return table
  }

  /// The beginning of a long text; JSON has all of it.
  private static func shortened(_ text: String) -> String {
    text.count > 60 ? "\(text.prefix(59))…" : text
  }

  private var tensors: Table? {
    let differing = report.tensors.filter { $0.state != .equal }
    guard !differing.isEmpty else { return nil }
    var table = Table(
      [
        ("", .left), ("tensor", .left), ("shape", .left), ("type", .left), ("differing", .right),
        ("of", .right), ("max", .right), ("mean", .right), ("ulp", .right), ("not finite", .right),
      ], wrapping: [1, 2, 3])
    for tensor in differing {
      let shapes = [tensor.first?.shape, tensor.second?.shape].compactMap { $0?.description }
      let types = [tensor.first?.typeName, tensor.second?.typeName].compactMap(\.self)
      var row = [
        Self.sign(of: tensor.state), name(of: tensor), Self.arrow(shapes), Self.arrow(types),
      ]
      if tensor.state == .changed, let numbers = tensor.numbers {
        row += [
          NumberText.grouped(numbers.differing), NumberText.grouped(numbers.count),
          NumberText.significant(numbers.maximumAbsolute),
          NumberText.significant(numbers.meanAbsolute), NumberText.grouped(numbers.maximumUnits),
          numbers.notFinite > 0 ? NumberText.grouped(numbers.notFinite) : "",
        ]
      } else {
        row += [tensor.state == .changed ? "" : tensor.state.rawValue, "", "", "", "", ""]
      }
      table.add(row)
    }
    return table
  }

  private static func arrow(_ texts: [String]) -> String {
    texts.count == 2 && texts[0] == texts[1] ? texts[0] : texts.joined(separator: " → ")
  }

  private static func sign(of state: TensorDifference.State) -> String {
    switch state {
    case .equal: " "
    case .moved, .renamed: ">"
    case .changed: "~"
    case .removed: "-"
    case .added: "+"
    case .unread: "?"
    }
  }

  private func name(of tensor: TensorDifference) -> String {
    tensor.newName.map { "\(tensor.name) → \($0)" } ?? tensor.name
  }

  private func values(_ style: Style) -> [String] {
    var lines: [String] = []
    for tensor in report.tensors {
      guard let numbers = tensor.numbers, !numbers.examples.isEmpty, let first = tensor.first
      else { continue }
      lines.append(style.heading(name(of: tensor).escapedForTerminal))
      for example in numbers.examples {
        let index = first.shape.index(of: example.position).map(String.init)
        let (a, b) = (
          Self.text(example.first, first.numbers?.elementType),
          Self.text(example.second, tensor.second?.numbers?.elementType)
        )
        lines.append("  [\(index.joined(separator: ", "))]  \(a) → \(b)")
      }
      let rest = numbers.differing - numbers.examples.count
      if rest > 0 { lines.append("  … and \(NumberText.grouped(rest)) more") }
    }
    return lines.isEmpty ? [] : lines + [""]
  }

  /// As few digits as tell a number of its type apart.
  private static func text(_ value: Double, _ type: ElementType?) -> String {
    guard let type, type.isFloating else {
      return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
    return type == .float64 ? "\(value)" : "\(Float(value))"
  }

  private var equivalent: [String] {
    guard !report.equivalent.isEmpty else { return [] }
    return [
      "\(NumberText.counted(report.equivalent.count, "option")) written otherwise, with the same meaning"
    ]
  }

  private var notCompared: [String] {
    report.notCompared.isEmpty
      ? [] : report.notCompared.map { "not compared: \($0.escapedForTerminal)" } + [""]
  }

  /// `37 tensors: 34 equal, 2 changed, 1 renamed; 1 option, 2 metadata`
  private func summary(_ style: Style) -> String {
    let states = TensorDifference.State.allCases.compactMap { state in
      let count = report.count(state)
      return count == 0 ? nil : "\(NumberText.grouped(count)) \(state.rawValue)"
    }
    var parts = [NumberText.counted(report.tensors.count, "tensor")]
    if !states.isEmpty { parts[0] += ": \(states.joined(separator: ", "))" }
    if !report.options.isEmpty {
      parts.append(NumberText.counted(report.options.count, "option"))
    }
    if !report.metadata.isEmpty { parts.append("\(report.metadata.count) of the metadata") }
    if !report.storage.isEmpty {
      let count = report.storage.reduce(0) { $0 + $1.tensors.count }
      parts.append("\(NumberText.counted(count, "tensor")) stored otherwise")
    }
    let text = parts.joined(separator: "; ")
    return (report.matches ? style.good("equal") : style.error("different")) + ": \(text)"
  }

  // MARK: Bars

  private var optionCounts: [(layer: String, count: Int)] {
    var counts: [(layer: String, count: Int)] = []
    for option in report.options {
      let layer = option.layer ?? ""
      if counts.last?.layer != layer { counts.append((layer, 0)) }
      counts[counts.count - 1].count += 1
    }
    return counts
  }

  private func bar(_ count: Int) -> String { String(repeating: "~", count: min(count, 20)) }

  /// How many numbers differ, and a bar as long as their share, one cell at least.
  private func change(of tensor: TensorDifference, cells: Int) -> (count: String, bar: String) {
    switch tensor.state {
    case .changed:
      guard let numbers = tensor.numbers else { return ("shape", "~") }
      let share = Double(numbers.differing) / Double(max(numbers.count, 1))
      return (
        NumberText.grouped(numbers.differing),
        String(repeating: "~", count: max(1, Int((share * Double(cells)).rounded(.up))))
      )
    case .removed, .added:
      let elements = (tensor.first ?? tensor.second)?.shape.elementCount ?? 0
      let sign = Self.sign(of: tensor.state)
      return (NumberText.grouped(elements), String(repeating: sign, count: cells))
    case .equal, .moved, .renamed, .unread: return (tensor.state.rawValue, "")
    }
  }

  private func coloured(_ bar: String, _ style: Style) -> String {
    bar.hasPrefix("+") ? style.good(bar) : bar.hasPrefix("-") ? style.error(bar) : bar
  }
}
