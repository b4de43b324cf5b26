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

  /// The text.
  public let text: ConfigText
  /// By which it was read.
  public let dialect: Dialect
  /// The sections in order.
  public let sections: [ConfigSection]
  /// What darknet passes over in silence.
  public let warnings: [ModelWarning]

  /// The name of the file, for messages.
  public var path: String { text.path }
  /// The bytes as they stand in the file.
  public var bytes: [UInt8] { text.bytes }

  /// Parses a cfg.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is none that this dialect's darknet reads.
  public init(_ text: ConfigText, dialect: Dialect) throws(ModelFileError) {
    var parser = ConfigParser(path: text.path, dialect: dialect)
    try parser.parse(text.bytes)
    self.text = text
    self.dialect = dialect
    sections = parser.sections
    warnings = parser.warnings.all(inFile: text.path)
  }

  /// Parses the bytes of a cfg that was found elsewhere.
  ///
  /// - Throws: as ``init(_:dialect:)``.
  public init(path: String, bytes: [UInt8], dialect: Dialect) throws(ModelFileError) {
    try self.init(ConfigText(path: path, bytes: bytes), dialect: dialect)
  }
}
