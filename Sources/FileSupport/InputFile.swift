#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file that is open for reading at any offset.
///
/// Bytes are fetched with `pread` into memory that the caller owns. The file is not mapped: one that
/// another process cuts short while it is read then gives an error where a mapping would kill us.
///
/// Invariant: `descriptor` stays open for as long as the object lives, and nothing ever moves its
/// file position; that makes the type safe to share between threads.
public final class InputFile: Sendable {
  /// The path as the user gave it.
  public let path: String
  /// The size in bytes when the file was opened.
  public let size: UInt64
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: ``ModelFileError`` of kind `unreadable` if there is no such file, if permission is
  ///   missing, or if it is a directory, a pipe or a device.
  public init(path: String) throws(ModelFileError) {
    // Without O_NONBLOCK the call would hang on a pipe that nobody writes to.
    let descriptor =
      try StandardInput.opened(as: path)
      ?? Int32(retryingInterrupts { Int(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) })
    guard descriptor >= 0 else {
      let code = errno
      let shortage = systemErrorRemedy(code)
      throw ModelFileError(
        shortage == nil ? .unreadable : .inputOutput, file: path, "can't be opened",
        cause: systemErrorText(code),
        remedy: shortage
          ?? (code == ENOENT ? FolderNames.question(for: path) ?? "check the path" : nil))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      close(descriptor)
      throw ModelFileError(
        .unreadable, file: path, isDirectory ? "is a folder" : "is no regular file",
        remedy: isDirectory
          ? "name a file in it" : "save its content to a file first: a model is read at any offset")
    }
    InputChanges.note(path, status)
    self.path = path
    self.size = UInt64(status.st_size)
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// - Throws: ``ModelFileError`` of kind `damaged` if the file ends before the buffer is full,
  ///   of kind `inputOutput` if the system can't read it.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
  ) throws(ModelFileError) {
    var done = 0
    while done < buffer.count {
      let count = retryingInterrupts {
        pread(
          descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
          off_t(clamping: offset + UInt64(done)))
      }
      guard count >= 0 else {
        throw ModelFileError(
          .inputOutput, file: path, at: [.byte(offset + UInt64(done))], "can't be read",
          cause: systemErrorText(errno))
      }
      guard count > 0 else {
        throw ModelFileError(
          .damaged, file: path, at: [.byte(offset + UInt64(done))], "the file ends here",
          expected: "\(buffer.count - done) more bytes",
          remedy: "if something still writes the file, wait until it is done")
      }
      done += count
    }
  }

  /// The bytes of a range as an array, for headers and texts; payloads go through ``read(into:at:)``.
  public func bytes(at offset: UInt64, count: Int) throws(ModelFileError) -> [UInt8] {
    do throws(ModelFileError) { try Memory.require(count) } catch { throw error.inFile(path) }
    var result = [UInt8](repeating: 0, count: count)
    var failure: ModelFileError?
    result.withUnsafeMutableBytes { buffer in
      do throws(ModelFileError) { try read(into: buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }

  /// The first bytes of the file, at most `count` of them.
  public func prefix(_ count: Int) throws(ModelFileError) -> [UInt8] {
    try bytes(at: 0, count: Int(min(UInt64(count), size)))
  }
}
