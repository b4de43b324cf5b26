import FileSupport

/// Writes sections as a cfg in its canonical form: a line for each option, an empty line between sections,
/// no comments but those that state what no option says, and no blanks but those inside a value that hank-ai's
/// darknet keeps. What is read back is equal.
public struct ConfigWriter: Sendable {
  private let dialect: Dialect

  /// A writer.
  ///
  /// - Parameter dialect: by which the text will be read; stated in it if it is not the standard one.
  public init(dialect: Dialect = .standard) {
    self.dialect = dialect
  }

  /// The text.
  ///
  /// - Parameters:
  ///   - sections: the sections.
  ///   - outputs: the layers that are the outputs, where darknet's own rule names others.
  /// - Throws: `ModelFileError` of kind `unsupported` if a name or value holds something that would be
  ///   read back as something else (a line break, a bracket): no cfg that was read has one.
  public func bytes(
    of sections: [ConfigSection], outputs: [Int]? = nil
  ) throws(ModelFileError) -> [UInt8] {
    var lines = [dialect.statement, outputs.map(StatedOutputs.line)].compactMap(\.self)
    for (index, section) in sections.enumerated() {
      if index > 0 { lines.append("") }
      lines.append("[\(section.name)]")
      for entry in section.entries {
        // A key without a value hides later lines with that key; it is written as it was read.
        lines.append(entry.value.isEmpty ? entry.key : "\(entry.key)=\(entry.value)")
      }
    }
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    try check(bytes, against: sections)
    return bytes
  }

  private func check(
    _ bytes: [UInt8], against sections: [ConfigSection]
  ) throws(ModelFileError) {
    let copy = try ConfigFile(path: "the canonical form", bytes: bytes, dialect: dialect)
    let isEqual =
      copy.sections.count == sections.count
      && zip(copy.sections, sections).allSatisfy { a, b in
        a.name == b.name
          && a.entries.map { [$0.key, $0.value] } == b.entries.map { [$0.key, $0.value] }
      }
    guard isEqual else {
      throw ModelFileError(
        .unsupported, "the network has a name or value that a cfg can't hold",
        remedy: "rename it")
    }
  }
}
