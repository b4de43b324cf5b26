extension Table {
  /// The rows as a table of Markdown, all columns.
  var markdown: [String] {
    func line(_ cells: [String]) -> String {
      "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }
    let rules = alignments.map { $0 == .left ? "---" : "---:" }
    return [line(headings), line(rules)] + rows.map(line)
  }

  /// The rows with tabs between their cells, all columns. A tab in a cell was escaped when it was added.
  var tabSeparated: [String] { ([headings] + rows).map { $0.joined(separator: "\t") } }
}
