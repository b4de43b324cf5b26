import COneDNN
import FileSupport
import ModelGraph

/// The engine that computes with oneDNN: with vectors, on every core, in float32.
///
/// What oneDNN has no primitive for is computed by the reference engine's kernels. Sums of *n* products are in float32,
/// so they differ from the reference engine's as `spec/tolerances.md` allows. Infinite numbers and what is no number get
/// lost in oneDNN's functions (a rectifier makes 0 of NaN): where weights, inputs or results hold some, the reference
/// engine computes.
public struct OneDNNEngine: Engine {
  /// Which algorithms may compute a convolution.
  public enum Algorithms: Sendable {
    /// Whichever is fastest within the tolerance.
    case fastest
    /// Only those that sum the products themselves.
    case direct
  }

  /// What a plan depends on.
  struct Options: Sendable {
    let threads: Int
    let algorithms: Algorithms
    var bands = BandLimits()
  }

  /// When a convolution of single cells and the depthwise one that reads its value are computed band by band.
  struct BandLimits: Sendable {
    /// The bytes of the whole value in between from which on it pays; below, the third cache holds it, and
    /// more calls cost more than they save.
    var leastBytes = 4 << 20
    /// What a thread keeps of it, in bytes: a share of a core's second cache.
    var scratchBytes = 256 << 10
  }

  /// Its name.
  public static let name = "onednn"

  private(set) var options: Options
  let memoryLimit: Int

  /// An engine; without a limit values may take half of the machine's memory.
  ///
  /// - Returns: `nil` where there is no oneDNN; ``OneDNNLibrary/fault`` says why.
  public init?(threads: Int = 1, algorithms: Algorithms = .fastest, memoryLimit: Int? = nil) {
    guard OneDNNLibrary.fault == nil else { return nil }
    options = Options(threads: max(threads, 1), algorithms: algorithms)
    self.memoryLimit = memoryLimit ?? SystemMemory.budget
  }

  /// An engine that computes band by band whatever can be, in bands of a few rows.
  package static func withNarrowBands(threads: Int) -> OneDNNEngine? {
    guard var engine = OneDNNEngine(threads: threads) else { return nil }
    engine.options.bands = BandLimits(leastBytes: 0, scratchBytes: 4 << 10)
    return engine
  }

  /// Whether it, or the reference engine, has a kernel for an operation.
  public func computes(_ operation: any Operation.Type) -> Bool {
    ReferenceEngine().computes(operation)
  }

  /// A session that makes its plan when the size of the batch is known.
  public func prepare(
    _ graph: Graph, wanting wanted: Set<Int>
  ) throws(ModelFileError) -> OneDNNSession {
    let reference = try ReferenceEngine(threads: options.threads, memoryLimit: memoryLimit)
      .prepare(graph, wanting: wanted)
    return OneDNNSession(graph: graph, options: options, reference: reference)
  }
}
