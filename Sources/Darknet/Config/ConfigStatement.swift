import FileSupport

/// What a cfg states in a comment in front of its first section, `# nnfmt: KEY=VALUE`: what nnfmt has to know
/// and no option of darknet says. All forks pass over comments.
struct ConfigStatement {
  /// What is stated.
  enum Key: String {
    /// The layers that are the outputs: ``StatedOutputs``.
    case outputs
    /// Which darknet the cfg is for: ``ConfigText/statedDialect()``.
    case dialect
  }

  /// The text behind the equals sign, without blanks.
  let value: Substring
  /// The line, counted from 1.
  let line: Int

  /// The first comment of this key; `nil` if there is none.
  init?(_ key: Key, in bytes: [UInt8]) {
    let beginning = "#nnfmt:\(key.rawValue)="
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let text = String(decoding: line.filter { !" \t\r".utf8.contains($0) }, as: UTF8.self)
      if text.hasPrefix("[") { return nil }
      guard text.hasPrefix(beginning) else { continue }
      value = text.dropFirst(beginning.count)
      self.line = index + 1
      return
    }
    return nil
  }

  /// The comment.
  static func line(_ key: Key, _ value: String) -> String { "# nnfmt: \(key.rawValue)=\(value)" }
}

extension Dialect {
  /// The dialect of a cfg that states none.
  public static let standard = Dialect.alexeyab

  /// The comment by which a cfg states its dialect; `nil` for the one that needs none.
  var statement: String? {
    self == .standard ? nil : ConfigStatement.line(.dialect, rawValue)
  }
}
