import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The temporary files that this process has made and not yet renamed or removed.
///
/// Outputs are written under a temporary name; whoever ends the process early (Ctrl-C) calls
/// ``removeAll()`` so that nothing half-written stays behind.
public enum TemporaryFiles {
  private static let names = Mutex<Set<String>>([])

  /// Removes every temporary file of this process. It waits for a commit that is under way, so that
  /// outputs that belong together appear all or not at all; a commit that starts later finds
  /// nothing to rename.
  public static func removeAll() {
    names.withLock { names in
      for name in names { unlink(name) }
      names = []
    }
  }

  /// Runs `body` while no other thread adds, renames or removes temporary files.
  static func withNames<Result>(_ body: (inout sending Set<String>) -> sending Result) -> Result {
    names.withLock(body)
  }
}
