import FileSupport

/// The engine that computes where none is named: the fastest that there is on this machine.
public enum StandardEngine {
  /// The engine.
  ///
  /// - Parameters:
  ///   - threads: how many compute; by default one for each core.
  ///   - algorithms: which algorithms may compute a convolution.
  public static func make(
    threads: Int = Threads.cores, algorithms: OneDNNEngine.Algorithms = .fastest
  ) -> any Engine {
    OneDNNEngine(threads: threads, algorithms: algorithms) ?? ReferenceEngine(threads: threads)
  }
}
