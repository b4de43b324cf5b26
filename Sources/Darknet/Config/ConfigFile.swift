import FileSupport

/// A `key=value` line of a cfg.
public struct ConfigEntry: Sendable, Equatable {
  /// The key.
  public let key: String
  /// The value, empty if the line has none.
  public let value: String
  /// The line, counted from 1; 0 if it stands in no file.
  public let line: Int

  /// A line.
  public init(key: String, value: String, line: Int = 0) {
    self.key = key
    self.value = value
    self.line = line
  }
}

/// A `[section]` of a cfg with its entries in order.
public struct ConfigSection: Sendable, Equatable {
  /// The name between the brackets.
  public let name: String
  /// The line of the name, counted from 1; 0 if it stands in no file.
  public let line: Int
  /// The entries in the order of the file.
  public internal(set) var entries: [ConfigEntry]

  /// A section.
  public init(name: String, line: Int = 0, entries: [ConfigEntry] = []) {
    self.name = name
    self.line = line
    self.entries = entries
  }
}

/// A cfg as text: its bytes, and the sections that darknet sees in them.
public struct ConfigFile: Sendable {
  /// The largest cfg that is read, in bytes. The largest of the forks' own has 60 kB.
  public static let maximumBytes = 1 << 20
  /// The most sections that are read. The largest of the forks' own has 400.
  static let maximumSections = 65_536
  /// The longest line that is read, in bytes. The longest of the forks' own has 400.
  static let maximumLineBytes = 1 << 16
  /// The most options of a section that are read. The most of the forks' own are 50.
  static let maximumEntries = 4096

  /// The name of the file, for messages.
  public let path: String
  /// The file beside which those are looked for that the cfg names (`tree=`): itself, or the checkpoint that
  /// carries it.
  public let host: String
  /// By which it was read.
  public let dialect: Dialect
  /// The bytes as they stand in the file.
  public let bytes: [UInt8]
  /// The sections in order.
  public let sections: [ConfigSection]
  /// What darknet passes over in silence.
  public let warnings: [ModelWarning]

  /// Reads a cfg from a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - dialect: by which it is read; `nil` for the one that it states.
  ///   - otherwise: the dialect if it states none.
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if it is no cfg.
  public init(
    contentsOf path: String, dialect: Dialect?, otherwise: Dialect = .standard
  ) throws(ModelFileError) {
    let file = try InputFile(path: path)
    if let refusal = try FileContent(of: file).refusalAsConfig(file) { throw refusal }
    guard file.size <= UInt64(Self.maximumBytes) else {
      throw ModelFileError(
        .damaged, file: path, "is too large for a cfg",
        expected: "at most \(Self.maximumBytes) bytes", found: "\(file.size) bytes",
        remedy: "give the text file that describes the network, not its weights")
    }
    let bytes = try file.prefix(Self.maximumBytes)
    let stated = dialect == nil ? try Dialect.stated(in: bytes, file: path) : nil
    try self.init(path: path, bytes: bytes, dialect: dialect ?? stated ?? otherwise)
  }

  /// Takes the bytes of a cfg that was found elsewhere.
  ///
  /// - Parameters:
  ///   - path: the file in which it was found.
  ///   - bytes: the cfg's text.
  ///   - dialect: by which it is read.
  ///   - host: the checkpoint that carries it, if one does.
  public init(
    path: String, bytes: [UInt8], dialect: Dialect, host: String? = nil
  ) throws(ModelFileError) {
    var parser = ConfigParser(path: path, dialect: dialect)
    try parser.parse(bytes)
    self.path = path
    self.host = host ?? path
    self.dialect = dialect
    self.bytes = bytes
    sections = parser.sections
    warnings = parser.warnings.all(inFile: path)
  }
}
