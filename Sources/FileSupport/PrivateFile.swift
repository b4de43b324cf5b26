#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A temporary file that nobody else may read, for what a library can only open by a path.
///
/// It is ``TemporaryFiles``' until its name is removed: once by ``removeName()``, as soon as the
/// library has it open, else when the object goes away.
public final class PrivateFile {
  /// Where it lies.
  public let path: String
  private let descriptor: Int32
  private var position: UInt64 = 0

  /// Creates an empty file in the system's folder for temporary files.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public init() throws(ModelFileError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var opened: Int32 = -1
    var code: Int32 = 0
    var candidate = ""
    repeat {
      candidate = "\(folder)/nnfmt.\(String(UInt64.random(in: .min ... .max), radix: 36))"
      (opened, code) = TemporaryFiles.withNames { names in
        let opened = open(candidate, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let code = errno
        if opened >= 0 { names.insert(candidate) }
        return (opened, code)
      }
    } while opened < 0 && code == EEXIST
    guard opened >= 0 else {
      throw ModelFileError(
        .inputOutput, file: candidate, "a temporary file can't be created",
        cause: systemErrorText(code),
        remedy: systemErrorRemedy(code) ?? "set TMPDIR to a folder that can be written to")
    }
    path = candidate
    descriptor = opened
  }

  deinit {
    close(descriptor)
    removeName()
  }

  /// Appends bytes.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput` (disk full, …).
  public func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    var done = 0
    while done < bytes.count {
      let count = retryingInterrupts {
        pwrite(
          descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
          off_t(clamping: position))
      }
      guard count > 0 else {
        throw ModelFileError(
          .inputOutput, file: path, "a temporary file can't be written",
          cause: systemErrorText(errno), remedy: "set TMPDIR to a folder with more space")
      }
      done += count
      position += UInt64(count)
    }
  }

  /// Removes the name; who has the file open can go on reading it.
  public func removeName() {
    TemporaryFiles.withNames { [path] names in
      if names.remove(path) { unlink(path) }
    }
  }
}
