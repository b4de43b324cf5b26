import FileSupport

/// Rows of text in columns that line up.
struct Table {
  /// On which side of its column a cell stands.
  enum Alignment { case left, right }

  let alignments: [Alignment]
  private let wrapping: Set<Int>
  private(set) var rows: [[String]] = []
  let headings: [String]

  /// A table without rows.
  ///
  /// - Parameters:
  ///   - columns: what they are called, and on which side their cells stand.
  ///   - wrapping: the columns whose cells may go on in a further line where the terminal is too narrow.
  init(_ columns: [(heading: String, alignment: Alignment)], wrapping: Set<Int> = []) {
    headings = columns.map(\.heading)
    alignments = columns.map(\.alignment)
    self.wrapping = wrapping
  }

  /// Adds a row. Text out of a file can't move the cursor.
  mutating func add(_ row: [String]) { rows.append(row.map(\.escapedForTerminal)) }

  /// The lines, the headings first. Columns without any text are left out; those that may wrap are made as
  /// narrow as the terminal needs them.
  func lines(style: Style) -> [String] {
    let shown = headings.indices.filter { column in rows.contains { !$0[column].isEmpty } }
    let widths = widths(of: shown, in: style.width)
    func lines(_ row: [String]) -> [String] {
      let cells = zip(shown, widths).map { column, width in
        wrapping.contains(column) ? row[column].wrapped(to: width) : [row[column]]
      }
      return (0..<(cells.map(\.count).max() ?? 1)).map { index in
        line(
          zip(shown, zip(widths, cells)).map { column, cell in
            (cell.1.indices.contains(index) ? cell.1[index] : "", cell.0, alignments[column])
          })
      }
    }
    return lines(headings).map(style.heading) + rows.flatMap(lines)
  }

  private func line(_ cells: [(text: String, width: Int, alignment: Alignment)]) -> String {
    var text = cells.map { cell in
      let padding = String(repeating: " ", count: max(0, cell.width - cell.text.count))
      return cell.alignment == .left ? cell.text + padding : padding + cell.text
    }.joined(separator: Self.gap)
    while text.utf8.last == UInt8(ascii: " ") { text.removeLast() }
    return text
  }

  /// The widths of columns: what their texts need; where that is too much, the widest that may wrap gives
  /// way, one character after the other. Words are broken only if there is no other way, and then between their parts,
  /// if that is enough.
  private func widths(of shown: [Int], in room: Int?) -> [Int] {
    let texts = shown.map { column in ([headings] + rows).map { $0[column] } }
    var widths = texts.map { $0.map(\.count).max() ?? 0 }
    guard let room else { return widths }
    var excess = widths.reduce(0, +) + Self.gap.count * max(0, shown.count - 1) - room
    let words = texts.map { texts in
      texts.flatMap { $0.split(separator: " ") }.map(\.count).max() ?? 0
    }
    let parts = texts.map { texts in texts.map(\.longestPart).max() ?? 0 }
    let least = shown.map { max(headings[$0].count, Self.narrowest) }
    for floors in [words, parts, least] {
      while excess > 0 {
        let widest = shown.indices.filter {
          wrapping.contains(shown[$0]) && widths[$0] > floors[$0]
        }.max { widths[$0] < widths[$1] }
        guard let widest else { break }
        widths[widest] -= 1
        excess -= 1
      }
    }
    return widths
  }

  private static let gap = "  "
  /// Narrower columns with broken words would be hard to read.
  private static let narrowest = 10
}

extension String {
  /// The text in lines of so many characters: broken at blanks, else behind what parts of a name end with,
  /// else anywhere.
  func wrapped(to width: Int) -> [String] {
    guard width > 0 else { return [self] }
    var lines: [String] = []
    var rest = self[...]
    while !rest.dropFirst(width).isEmpty {
      // One more character: a blank may stand where the line is full.
      let head = rest.prefix(width + 1)
      let room = rest.prefix(width)
      if let blank = head.lastIndex(of: " "), blank > rest.startIndex {
        lines.append(String(rest[..<blank]))
        rest = rest[rest.index(after: blank)...]
      } else {
        let end = head.joints.last ?? room.endIndex
        lines.append(String(rest[..<end]))
        rest = rest[end...]
      }
    }
    return lines.isEmpty || !rest.isEmpty ? lines + [String(rest)] : lines
  }

  /// The characters of the longest piece that ``wrapped(to:)`` breaks only if it must.
  fileprivate var longestPart: Int {
    split(separator: " ").flatMap { word in
      let ends = word.joints + [word.endIndex]
      return zip([word.startIndex] + word.joints, ends).map { word[$0..<$1].count }
    }.max() ?? 0
  }
}

extension Substring {
  /// Where a word may be broken: behind what parts of a name end with, and between those of `MaxPooling`.
  fileprivate var joints: [Index] {
    zip(indices, indices.dropFirst()).compactMap { first, second in
      let ends = "/_-.,:".contains(self[first]) && !"/_-.,:".contains(self[second])
      return ends || self[first].isLowercase && self[second].isUppercase ? second : nil
    }
  }
}
