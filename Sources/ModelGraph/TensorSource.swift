import FileSupport

/// Where the bytes of a tensor lie; they are fetched when asked for, never before.
///
/// The bytes are little endian, in the C order of the shape *as stored*.
public protocol TensorSource: Sendable {
  /// All bytes of the tensor.
  var byteCount: Int { get }

  /// Fills `buffer` with the bytes from `offset` (counted from the start of the tensor) on.
  ///
  /// - Throws: `ModelFileError` with the file and the place in it.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError)
}

/// A tensor that is a range of bytes of a file.
public struct FileRegion: TensorSource {
  /// The file.
  public let file: InputFile
  /// Where the tensor begins, in bytes from the start of the file.
  public let offset: UInt64
  /// The length of the tensor in bytes.
  public let byteCount: Int

  /// A range of a file.
  public init(file: InputFile, offset: UInt64, byteCount: Int) {
    self.file = file
    self.offset = offset
    self.byteCount = byteCount
  }

  /// Reads with one `pread`.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    try file.read(into: buffer, at: self.offset + UInt64(offset))
  }
}
