import FileSupport

/// The engine that computes where none is named: the fastest that there is on this machine.
public enum StandardEngine {
  /// The engine.
  ///
  /// - Parameter threads: how many compute; by default one for each core.
  public static func make(threads: Int = Threads.cores) -> any Engine {
    OneDNNEngine(threads: threads) ?? ReferenceEngine(threads: threads)
  }
}
