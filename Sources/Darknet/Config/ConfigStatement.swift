import FileSupport

/// What a cfg states in a comment in front of its first section, `# nnfmt: KEY=VALUE`: what nnfmt has to know
/// and no option of darknet says. All forks pass over comments.
struct ConfigStatement {
  /// What is stated.
  enum Key: String {
    /// The layers that are the outputs: ``StatedOutputs``.
    case outputs
    /// Which darknet the cfg is for: ``Dialect/stated(in:file:)``.
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

  /// The dialect that a cfg states; `nil` if it states none.
  ///
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if it is none that nnfmt knows.
  public static func stated(inFile path: String) throws(ModelFileError) -> Dialect? {
    let file = try InputFile(path: path)
    return try stated(in: try file.prefix(ConfigFile.maximumBytes), file: path)
  }

  /// The dialect that the bytes of a cfg state; `nil` if they state none.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is none that nnfmt knows.
  static func stated(in bytes: [UInt8], file: String) throws(ModelFileError) -> Dialect? {
    guard let statement = ConfigStatement(.dialect, in: bytes) else { return nil }
    guard let dialect = Dialect(rawValue: String(statement.value)) else {
      throw ModelFileError(
        .damaged, file: file, at: [.line(statement.line)],
        "the comment that states the dialect names none",
        expected: allCases.map(\.rawValue).joined(separator: ", "),
        found: String(statement.value).escapedForTerminal,
        remedy: "correct it, or remove the line and say --dialect")
    }
    return dialect
  }
}
