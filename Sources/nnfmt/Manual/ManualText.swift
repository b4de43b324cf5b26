/// Text in the language of manual pages, mdoc, as groff and mandoc read it.
enum ManualText {
  /// A text in lines that end with a sentence, as both programs want it, or are full.
  static func running(_ text: String) -> [String] {
    sentences(of: text).flatMap { $0.wrapped(to: width) }.map(line)
  }

  /// Lines that are shown as they are.
  static func literal(_ lines: [Substring]) -> [String] {
    let margin = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return [".Bd -literal -offset indent"] + lines.map { line(String($0.dropFirst(margin))) }
      + [".Ed"]
  }

  /// A line that is no request, whatever it begins with.
  static func line(_ text: String) -> String {
    let escaped = escaped(text)
    return text.hasPrefix(".") ? "\\&" + escaped : escaped
  }

  /// An argument of a macro that is not taken for another macro's name or for punctuation.
  static func argument(_ text: String) -> String { "\"\\&\(escaped(text))\"" }

  /// Characters that stand for others, or that not every terminal's character set has, by their names. A
  /// hyphen is a minus, so that an option can be copied out of a page.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      if let name = names[scalar] { return name }
      guard !scalar.isASCII else { return String(scalar) }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
    }.joined()
  }

  private static let names: [Unicode.Scalar: String] = [
    "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", "\"": "\\(dq",
  ]

  /// Shorter than 80, since the names of characters are longer than those.
  private static let width = 72

  private static func sentences(of text: String) -> [String] {
    var sentences: [String] = []
    var words: [Substring] = []
    for word in text.split(separator: " ") {
      if let last = words.last?.last, ".?!".contains(last), word.first?.isLowercase != true {
        sentences.append(words.joined(separator: " "))
        words = []
      }
      words.append(word)
    }
    return words.isEmpty ? sentences : sentences + [words.joined(separator: " ")]
  }
}
