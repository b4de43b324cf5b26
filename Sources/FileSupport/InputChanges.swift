import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whether inputs were written to while they were read: what was made of them would be neither the old nor the
/// new file's.
///
/// It is for a process that does one thing and ends, as a command does; nothing is noted before ``watch()``.
public enum InputChanges {
  /// What tells a file from another one, and from itself at another time.
  fileprivate struct Identity: Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int

    init(_ status: stat) {
      device = UInt64(truncatingIfNeeded: status.st_dev)
      inode = UInt64(truncatingIfNeeded: status.st_ino)
      size = Int64(status.st_size)
      #if canImport(Darwin)
        seconds = status.st_mtimespec.tv_sec
        nanoseconds = status.st_mtimespec.tv_nsec
      #else
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
      #endif
    }
  }

  private static let opened = Mutex<[String: Identity]?>(nil)

  /// Starts to note which files are opened to be read, and what they are like then.
  public static func watch() {
    opened.withLock { $0 = $0 ?? [:] }
  }

  /// Notes a file that was just opened.
  static func note(_ path: String, _ status: stat) {
    opened.withLock { opened in
      guard opened != nil, opened?[path] == nil, !TemporaryFiles.contains(path) else { return }
      opened?[path] = Identity(status)
    }
  }

  /// Checks that the files that were opened are what they were. One that has lost its name is not looked for.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  static func requireNone() throws(ModelFileError) {
    let opened = opened.withLock { $0 } ?? [:]
    for (path, identity) in opened.sorted(by: { $0.key < $1.key }) {
      var status = stat()
      guard stat(path, &status) == 0, Identity(status) != identity else { continue }
      throw ModelFileError(
        .inputOutput, file: path, "was changed while it was read; nothing was written",
        expected: "\(identity.size) bytes, as when it was opened",
        found: status.st_size == identity.size
          ? "as many, written later" : "\(status.st_size) bytes",
        remedy: "wait until whatever writes it is done, and try again")
    }
  }
}
