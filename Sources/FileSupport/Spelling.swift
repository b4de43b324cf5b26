/// Words that somebody may have meant.
public enum Spelling {
  /// The word that was probably meant: the nearest of `words`, if it is near enough for its length.
  ///
  /// Words that differ in case or in `-` and `_` alone are the same to a person; of two words that are as near,
  /// the first counts.
  ///
  /// - Parameters:
  ///   - word: what was given, which is none of them.
  ///   - words: what there is.
  ///   - significant: how many characters tell words apart, if not all.
  /// - Returns: `nil` if no word is close.
  public static func nearest(
    to word: String, among words: some Sequence<String>, significant: Int? = nil
  ) -> String? {
    let given = folded(word)
    var best: (word: String, distance: Int)?
    // Another number is no slip. Long texts are none either, and would take long to compare.
    guard given.contains(where: \.isLetter), given.count <= longest else { return nil }
    for candidate in words where candidate != word {
      let other = folded(candidate)
      let limit = limit(for: min(given.count, other.count, significant ?? .max))
      guard abs(other.count - given.count) <= limit else { continue }
      let distance = distance(given, other)
      guard distance <= limit, distance < best?.distance ?? .max else { continue }
      best = (candidate, distance)
    }
    return best?.word
  }

  /// `did you mean 'WORD'?` with the word that was probably meant, `nil` if no word is close.
  public static func question(for word: String, among words: some Sequence<String>) -> String? {
    nearest(to: word, among: words).map { "did you mean '\($0.escapedForTerminal)'?" }
  }

  private static let longest = 100

  private static func folded(_ word: String) -> [Character] {
    Array(word.lowercased().replacing("_", with: "-"))
  }

  /// How many slips a word of so many characters may have: half of a short word is another word.
  private static func limit(for count: Int) -> Int {
    switch count {
    case ..<3: 0
    case 3...5: 1
    default: 2
    }
  }

  /// How many characters have to be added, dropped, replaced, or exchanged with their neighbour to make one of
  /// the other (the optimal string alignment distance).
  static func distance(_ one: [Character], _ other: [Character]) -> Int {
    guard !one.isEmpty, !other.isEmpty else { return max(one.count, other.count) }
    var before: [Int] = []
    var last = Array(0...other.count)
    for row in 1...one.count {
      var next = [row]
      for column in 1...other.count {
        let isSame = one[row - 1] == other[column - 1]
        var least = min(
          next[column - 1] + 1, last[column] + 1, last[column - 1] + (isSame ? 0 : 1))
        if row > 1, column > 1, one[row - 1] == other[column - 2],
          one[row - 2] == other[column - 1]
        {
          least = min(least, before[column - 2] + 1)
        }
        next.append(least)
      }
      (before, last) = (last, next)
    }
    return last[other.count]
  }
}
