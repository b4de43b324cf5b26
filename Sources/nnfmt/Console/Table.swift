import FileSupport

/// Rows of text in columns that line up.
struct Table {
  /// On which side of its column a cell stands.
  enum Alignment { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]] = []
  private let headings: [String]

  init(_ columns: [(heading: String, alignment: Alignment)]) {
    headings = columns.map(\.heading)
    alignments = columns.map(\.alignment)
  }

  /// Adds a row. Text out of a file can't move the cursor.
  mutating func add(_ row: [String]) { rows.append(row.map(\.escapedForTerminal)) }

  /// The lines, the headings first. Columns without any text are left out.
  func lines(style: Style) -> [String] {
    let shown = headings.indices.filter { column in rows.contains { !$0[column].isEmpty } }
    let widths = shown.map { column in
      ([headings] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ row: [String]) -> String {
      let cells = zip(shown, widths).map { column, width in
        let padding = String(repeating: " ", count: max(0, width - row[column].count))
        return alignments[column] == .left ? row[column] + padding : padding + row[column]
      }
      var text = cells.joined(separator: "  ")
      while text.utf8.last == UInt8(ascii: " ") { text.removeLast() }
      return text
    }
    return [style.heading(line(headings))] + rows.map(line)
  }
}
