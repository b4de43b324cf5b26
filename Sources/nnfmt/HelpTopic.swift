import Archive
import Darknet
import FileSupport
import HDF5
import ModelFiles

/// What `nnfmt help` tells beside the commands, from the facts that the code goes by.
enum HelpTopic: String, CaseIterable {
  case exitCodes = "exit-codes"
  case formats
  case limits

  /// The topic that a command line asks for.
  ///
  /// - Parameter arguments: the command line without the program's name.
  /// - Returns: `nil` if it asks for none.
  /// - Throws: `ModelFileError` of kind `usage` for help on what there is not.
  init?(asked arguments: [String]) throws(ModelFileError) {
    guard arguments.count == 2, arguments[0] == "help", !arguments[1].hasPrefix("-") else {
      return nil
    }
    let name = arguments[1]
    if let topic = HelpTopic(rawValue: name) {
      self = topic
      return
    }
    let commands = CommandWords()?.names ?? []
    guard !commands.isEmpty, !commands.contains(name) else { return nil }
    let topics = Self.allCases.map(\.rawValue)
    throw ModelFileError(
      .usage, "there is no help on '\(name.escapedForTerminal)'",
      expected: (commands + topics).joined(separator: ", "),
      remedy: Spelling.question(for: name, among: commands + topics) ?? "`nnfmt help` lists them")
  }

  /// All of them in a line of help.
  static var summary: String {
    allCases.map { "nnfmt help \($0.rawValue)" }.joined(separator: ", ")
  }

  /// What is told.
  func lines(style: Style) -> [String] {
    switch self {
    case .exitCodes: Self.exitCodeTable.lines(style: style) + ["", "More: spec/errors.md"]
    case .formats:
      ["Read, told by the content:", ""] + Self.readFormatTable.lines(style: style)
        + ["", "Written, by --to or the name of the output:", ""]
        + Self.writtenFormatTable.lines(style: style)
    case .limits: Self.limitTable.lines(style: style) + ["", "More: spec/security.md"]
    }
  }

  private static var exitCodeTable: Table {
    var table = Table([("code", .right), ("meaning", .left)], wrapping: [1])
    for status in ExitStatus.allCases { table.add(["\(status.rawValue)", status.meaning]) }
    return table
  }

  private static var readFormatTable: Table {
    var table = Table([("format", .left), ("names", .left)], wrapping: [0, 1])
    for format in ModelFormats.described {
      table.add([format.title, format.endings.joined(separator: ", ")])
    }
    return table
  }

  private static var writtenFormatTable: Table {
    var table = Table(
      [("--to", .left), ("names", .left), ("options", .left)], wrapping: [1, 2])
    for format in OutputFormat.allCases {
      table.add([
        format.name, format.endings.joined(separator: ", "),
        format.options.sorted().joined(separator: ", "),
      ])
    }
    return table
  }

  private static var limitTable: Table {
    let (hdf5, archive) = (HDF5Limits(), ArchiveLimits())
    var table = Table([("what", .left), ("at most", .right)], wrapping: [0])
    func add(_ what: String, bytes: some BinaryInteger) {
      table.add([what, NumberText.bytes(UInt64(bytes))])
    }
    func add(_ what: String, _ count: some BinaryInteger) {
      table.add([what, NumberText.grouped(count)])
    }
    add("a cfg", bytes: ConfigFile.maximumBytes)
    add("a file that a cfg names", bytes: Network.maximumFileBytes)
    add("HDF5: numbers of an attribute", hdf5.attributeElements)
    add("HDF5: text of an attribute, names of a group", bytes: hdf5.textBytes)
    add("HDF5: links of a group, attributes of an object", hdf5.links)
    add("HDF5: a chunk, uncompressed", bytes: hdf5.chunkBytes)
    add("HDF5: chunks in memory together", bytes: hdf5.slabBytes)
    add("HDF5: numbers that were never written", bytes: hdf5.unwrittenBytes)
    add("HDF5: bytes that a stored byte stands for", hdf5.expansion)
    add("HDF5: groups inside one another", hdf5.walkDepth)
    add(".keras: members of the archive", archive.members)
    add("standard input", bytes: StandardInput.maximumBytes)
    add("values of a pass, on this machine", bytes: SystemMemory.budget)
    return table
  }
}
