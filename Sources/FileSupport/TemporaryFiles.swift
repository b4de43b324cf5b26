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
  /// Outputs that have their names, but of which nobody was told yet.
  private static let unreported = Mutex<[Renaming]>([])

  /// Removes every temporary file of this process, and outputs of which the user was not told. It waits for a commit that is under way, so that
  /// outputs that belong together appear all or not at all; a commit that starts later finds
  /// nothing to rename.
  public static func removeAll() {
    names.withLock { names in
      for name in names { unlink(name) }
      names = []
    }
    unreported.withLock { renamings in
      for renaming in renamings.reversed() { renaming.undo() }
      renamings = []
    }
  }

  static func awaitReport(of renamings: [Renaming]) {
    unreported.withLock { $0 += renamings }
  }

  /// The user has been told of the outputs, or does not want to hear of them: they stay.
  public static func keepOutputs() {
    unreported.withLock { renamings in
      for renaming in renamings { renaming.settle() }
      renamings = []
    }
  }

  /// Runs `body` while no other thread adds, renames or removes temporary files.
  static func withNames<Result>(_ body: (inout sending Set<String>) -> sending Result) -> Result {
    names.withLock(body)
  }
}
