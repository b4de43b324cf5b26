import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The temporary files that this process has made and not yet renamed or removed, and folders made for them.
///
/// Outputs are written under a temporary name; whoever ends the process early (Ctrl-C) calls
/// ``removeAllAndExit(_:)`` so that nothing half-written stays behind.
public enum TemporaryFiles {
  private static let names = Mutex(TemporaryNames())
  /// Outputs that have their names, but of which nobody was told yet.
  private static let unreported = Mutex<[Renaming]>([])

  /// Removes every temporary file of this process, and outputs of which the user was not told, and ends the
  /// process. It waits for a commit that is under way, so that outputs that belong together appear all or not
  /// at all. Other threads can't create or rename anything between the removal and the end.
  public static func removeAllAndExit(_ status: Int32) -> Never {
    names.withLock { names in
      removeAll(&names)
      _exit(status)
    }
  }

  /// Removes them; a commit that starts later finds nothing to rename.
  static func removeAll() {
    names.withLock { removeAll(&$0) }
  }

  private static func removeAll(_ names: inout TemporaryNames) {
    names.removeFiles()
    unreported.withLock { renamings in
      for renaming in renamings.reversed() { renaming.undo() }
      renamings = []
    }
  }

  /// The same in the handler of a signal that ends the process: it takes no lock and no memory.
  public static func removeAllInSignalHandler() {
    TemporaryNames.removeFilesInSignalHandler()
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

  /// Whether a file is one of these.
  static func contains(_ path: String) -> Bool {
    names.withLock { $0.contains(path) }
  }

  /// Runs `body` while no other thread adds, renames or removes temporary files.
  static func withNames<Result>(
    _ body: (inout sending TemporaryNames) -> sending Result
  ) -> Result {
    names.withLock(body)
  }
}

/// The paths of temporary files and folders.
struct TemporaryNames: Sendable {
  private var paths: Set<String> = []

  /// The same paths where a signal handler can read them; what does not fit it can't remove.
  ///
  /// Invariant: written by the one thread that holds the lock of ``TemporaryFiles``; a pointer that is not
  /// nil leads to a whole path. A handler that reads between two writes finds one path more or less.
  nonisolated(unsafe) private static let slots: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> =
    {
      let slots = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: slotCount)
      slots.initialize(repeating: nil, count: slotCount)
      return slots
    }()
  private static let slotCount = 1_024

  func contains(_ path: String) -> Bool { paths.contains(path) }

  mutating func insert(_ path: String) {
    guard paths.insert(path).inserted else { return }
    let free = (0..<Self.slotCount).first { Self.slots[$0] == nil }
    if let free { Self.slots[free] = strdup(path) }
  }

  /// Takes a path out; `false` if it was not there.
  @discardableResult
  mutating func remove(_ path: String) -> Bool {
    guard paths.remove(path) != nil else { return false }
    for slot in 0..<Self.slotCount {
      guard let known = Self.slots[slot], strcmp(known, path) == 0 else { continue }
      Self.slots[slot] = nil
      free(known)
      break
    }
    return true
  }

  mutating func removeFiles() {
    for path in paths { unlink(path) }
    // Of a folder that is what was in it; others are gone, and rmdir fails.
    for path in paths {
      rmdir(path)
      remove(path)
    }
  }

  static func removeFilesInSignalHandler() {
    for slot in 0..<slotCount {
      if let path = slots[slot] { unlink(path) }
    }
    for slot in 0..<slotCount {
      if let path = slots[slot] { rmdir(path) }
    }
  }
}
