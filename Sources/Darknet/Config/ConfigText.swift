import FileSupport

/// The bytes of a cfg, read once and not yet parsed: which sections there are, the dialect decides.
public struct ConfigText: Sendable {
  /// The name of the file, for messages.
  public let path: String
  /// The bytes as they stand in the file.
  public let bytes: [UInt8]
  /// The file beside which those are looked for that the cfg names (`tree=`): itself, or the checkpoint that
  /// carries it.
  public let host: String
  /// The files that the cfg names and that came with it, by the names that it gives them.
  public let files: [String: [UInt8]]

  /// Reads a cfg from a file.
  ///
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if it is no cfg.
  public init(contentsOf path: String) throws(ModelFileError) {
    try self.init(of: try InputFile(path: path))
  }

  /// Reads a cfg from a file that is open already.
  ///
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if it is no cfg.
  public init(of file: InputFile) throws(ModelFileError) {
    if let refusal = try FileContent(of: file).refusalAsConfig(file) { throw refusal }
    guard file.size <= UInt64(ConfigFile.maximumBytes) else {
      throw ModelFileError(
        .damaged, file: file.path, "is too large for a cfg",
        expected: "at most \(ConfigFile.maximumBytes) bytes", found: "\(file.size) bytes",
        remedy: "give the text file that describes the network, not its weights")
    }
    self.init(path: file.path, bytes: try file.prefix(ConfigFile.maximumBytes))
  }

  /// Takes the bytes of a cfg that was found elsewhere.
  ///
  /// - Parameters:
  ///   - path: what it is called in messages.
  ///   - bytes: the cfg's text.
  ///   - host: the checkpoint that carries it, if one does.
  ///   - files: what else that one carries, by the names that the cfg gives it.
  public init(
    path: String, bytes: [UInt8], host: String? = nil, files: [String: [UInt8]] = [:]
  ) {
    self.path = path
    self.bytes = bytes
    self.host = host ?? path
    self.files = files
  }

  /// The dialect that the cfg states; `nil` if it states none.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is none that nnfmt knows.
  public func statedDialect() throws(ModelFileError) -> Dialect? {
    guard let statement = ConfigStatement(.dialect, in: bytes) else { return nil }
    guard let dialect = Dialect(rawValue: String(statement.value)) else {
      throw ModelFileError(
        .damaged, file: path, at: [.line(statement.line)],
        "the comment that states the dialect names none",
        expected: Dialect.allCases.map(\.rawValue).joined(separator: ", "),
        found: String(statement.value).escapedForTerminal,
        remedy: "correct it, or remove the line and say --dialect")
    }
    return dialect
  }
}
