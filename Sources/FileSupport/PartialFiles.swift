#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The temporary files that outputs are written to, `.NAME.TAIL.partial` beside them.
///
/// Each is locked for as long as the process that made it has it open; the system ends the lock with the
/// process, however that ends. One that can be locked was therefore left behind by a process that was killed.
struct PartialFiles {
  /// The folder, with a slash at its end; empty for the current one.
  private let folder: String
  /// What their names begin with.
  private let prefix: String

  private static let ending = ".partial"
  /// Another name for what a commit replaces, until the commit has come to its end.
  static let backupEnding = ".old"

  /// Those of the output at a path.
  init(for target: String) {
    folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? ""
    let name = target.split(separator: "/").last.map(String.init) ?? target
    // The name of a long output is cut, to stay below the 255 bytes that file systems allow.
    prefix = ".\(String(decoding: name.utf8.prefix(200), as: UTF8.self))."
  }

  /// Creates one, locked.
  ///
  /// - Returns: its descriptor, −1 with the `errno` value if there can't be one, and its path.
  func create() -> (descriptor: Int32, code: Int32, path: String) {
    while true {
      let tail = String(UInt32.random(in: .min ... .max), radix: 36)
      let path = "\(folder)\(prefix)\(tail)\(Self.ending)"
      let (descriptor, code) = TemporaryFiles.withNames { names in
        let opened = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        let code = errno
        if opened >= 0 { names.insert(path) }
        return (opened, code)
      }
      if descriptor < 0, code == EEXIST { continue }
      guard descriptor >= 0 else { return (-1, code, path) }
      // File systems without locks do without: there is nothing to be tidied up either.
      flock(descriptor, LOCK_EX | LOCK_NB)
      // Another process may have found it before the lock was there, and removed it.
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_nlink > 0 { return (descriptor, 0, path) }
      close(descriptor)
      TemporaryFiles.withNames { _ = $0.remove(path) }
    }
  }

  /// Removes those that no process holds.
  func removeAbandoned() {
    guard let listing = opendir(folder.isEmpty ? "." : folder) else { return }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard isOne(name) else { continue }
      let path = folder + name
      let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0
      {
        unlink(path)
      }
      close(descriptor)
    }
  }

  /// Whether a name in the folder is that of one, or of a backup.
  private func isOne(_ name: String) -> Bool {
    var rest = Substring(name)
    guard rest.hasPrefix(prefix) else { return false }
    if rest.hasSuffix(Self.backupEnding) { rest = rest.dropLast(Self.backupEnding.count) }
    guard rest.hasSuffix(Self.ending), rest.count > prefix.count + Self.ending.count else {
      return false
    }
    let tail = rest.dropFirst(prefix.count).dropLast(Self.ending.count)
    return tail.allSatisfy { $0.isASCII && ($0.isNumber || $0.isLowercase) }
  }
}
