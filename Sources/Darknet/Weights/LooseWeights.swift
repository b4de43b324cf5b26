import FileSupport

/// A `.weights` file without the cfg that tells its arrays apart.
public struct LooseWeights: Sendable {
  /// The file.
  public let file: InputFile
  /// The size in bytes.
  public var size: UInt64 { file.size }
  /// The header, of the length that the dialect's rule gives.
  public let header: WeightsHeader
  /// Whole floats behind the header.
  public let floatCount: Int
  /// Bytes behind the last whole float.
  public let oddBytes: Int

  /// Reads the header.
  ///
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if the file is shorter than its header or
  ///   holds something else.
  public init(path: String, dialect: Dialect) throws(ModelFileError) {
    try self.init(of: try InputFile(path: path), dialect: dialect)
  }

  /// Reads the header of a file that is open already.
  ///
  /// - Throws: as ``init(path:dialect:)``.
  public init(of file: InputFile, dialect: Dialect) throws(ModelFileError) {
    let bytes = try file.prefix(20)
    if let foreign = try FileContent(of: file).foreignToWeights {
      throw foreign.refusal(file, "is no darknet weights file", expected: "a header and floats")
    }
    let raw = WeightsHeader(bytes, byteCount: 16, dialect: dialect)
    let length = WeightsHeader.length(major: raw.major, minor: raw.minor, dialect: dialect)
    guard file.size >= UInt64(length) else {
      throw ModelFileError(
        .damaged, file: file.path, at: [.byte(file.size)], "the file ends inside its header",
        expected: "a header of \(length) bytes, then floats", found: file.size.counted("byte"),
        remedy: "the download or copy was cut short; fetch it again")
    }
    self.file = file
    header = WeightsHeader(bytes, byteCount: length, dialect: dialect)
    let payload = file.size - UInt64(length)
    floatCount = Int(clamping: payload / 4)
    oddBytes = Int(payload % 4)
  }
}
