import FileSupport

/// An output file that is sent to standard output, whole, once it is made: it is the name `-` of an output.
struct StandardOutput {
  static let name = "-"
  private let file: PrivateFile

  /// - Throws: `ModelFileError`: `usage` for a terminal, `inputOutput` if there can be no temporary file.
  init() throws(ModelFileError) {
    guard !Console.output.isTerminal else {
      throw ModelFileError(
        .usage, file: Self.name, "a model is not written to a terminal",
        remedy: "send it into a file or a pipe: nnfmt convert … - > FILE")
    }
    file = try PrivateFile()
  }

  /// Where it is written first.
  var path: String { file.path }

  /// Sends it.
  func send() throws(ModelFileError) {
    let made = try InputFile(path: path)
    var offset: UInt64 = 0
    while offset < made.size {
      let count = Int(min(1 << 20, made.size - offset))
      Console.output.write(try made.bytes(at: offset, count: count))
      offset += UInt64(count)
    }
  }
}
