/// Names that are probably meant by misspelt ones.
enum Spelling {
  /// The known name that a word is nearest to, if it is near enough: a slip in a short word, two in a longer
  /// one. A slip is a character too much, too few or another, or two that changed places.
  static func nearest(to word: String, among names: some Sequence<String>) -> String? {
    let letters = Array(word.utf8)
    // A hostile file has long ones.
    guard (3...40).contains(letters.count) else { return nil }
    let most = letters.count < 6 ? 1 : 2
    var best: (name: String, slips: Int)?
    for name in names where abs(name.utf8.count - letters.count) <= most {
      let slips = distance(letters, Array(name.utf8))
      if slips > 0, slips <= most, slips < best?.slips ?? .max { best = (name, slips) }
    }
    return best?.name
  }

  /// The fewest slips that make one word of the other (Damerau and Levenshtein, adjacent letters only).
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
