import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Standard input as an input file of the name `-`.
///
/// Models are read at any offset, so that what comes through a pipe is kept in a temporary file first, which has no
/// name and goes away with the process. It is for a command: a library takes `-` for a file's name like any other
/// unless ``admit()`` was called.
public enum StandardInput {
  /// The name that stands for it.
  public static let name = "-"
  /// How many bytes of a pipe are kept.
  public static let maximumBytes: UInt64 = 64 << 30

  private struct State {
    var isAdmitted = false
    /// What is read, once it is there. It stays open.
    var descriptor: Int32?
  }

  private static let state = Mutex(State())

  /// Lets the name `-` stand for standard input.
  public static func admit() { state.withLock { $0.isAdmitted = true } }

  /// A descriptor of its content for an input file of a name, which the caller closes.
  ///
  /// - Returns: `nil` if the name is a file's.
  /// - Throws: ``ModelFileError``: `unreadable` for a terminal, `inputOutput` if it can't be kept.
  static func opened(as path: String) throws(ModelFileError) -> Int32? {
    guard path == name else { return nil }
    // Held while it is read: of two threads that ask for it, one would find the end.
    return try state.withLock { state throws(ModelFileError) -> Int32? in
      guard state.isAdmitted else { return nil }
      let kept: Int32
      if let descriptor = state.descriptor { kept = descriptor } else { kept = try content() }
      state.descriptor = kept
      let copy = fcntl(kept, F_DUPFD_CLOEXEC, 3)
      guard copy >= 0 else { throw failure(errno) }
      return copy
    }
  }

  private static func content() throws(ModelFileError) -> Int32 {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0 else { throw failure(errno) }
    if status.st_mode & S_IFMT == S_IFREG { return STDIN_FILENO }
    guard isatty(STDIN_FILENO) == 0 else {
      throw ModelFileError(
        .unreadable, file: name, "standard input is a terminal",
        remedy: "send a file into it: nnfmt … - < FILE")
    }
    let file = try PrivateFile()
    try fill(file)
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno) }
    file.removeName()
    return descriptor
  }

  private static func fill(_ file: PrivateFile) throws(ModelFileError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var total: UInt64 = 0
    while true {
      let count = retryingInterrupts {
        buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
      }
      guard count >= 0 else { throw failure(errno) }
      guard count > 0 else { return }
      total += UInt64(count)
      guard total <= maximumBytes else {
        throw ModelFileError(
          .unsupported, file: name, "standard input has too many bytes",
          expected: "at most \(maximumBytes)", remedy: "save them to a file, and name that")
      }
      var fault: ModelFileError?
      buffer.withUnsafeBytes { bytes in
        do throws(ModelFileError) {
          try file.append(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        } catch { fault = error }
      }
      if let fault { throw fault }
    }
  }

  private static func failure(_ code: Int32) -> ModelFileError {
    ModelFileError(
      .inputOutput, file: name, "standard input can't be read", cause: systemErrorText(code))
  }
}
