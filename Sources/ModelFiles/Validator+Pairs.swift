import Dispatch
import FileSupport
import Synchronization
import Validation

extension Validator {
  /// Checks pairs, several at the same time, and tells what came of each in their order.
  ///
  /// A pair that can't be checked does not keep the others from it. No more than `jobs` pairs are held in memory, and
  /// what came of a few that are done before an earlier one.
  ///
  /// - Parameters:
  ///   - pairs: the pairs.
  ///   - jobs: how many are checked at the same time.
  ///   - onResult: is called for each pair on the caller's thread; if it throws, no more pairs are begun.
  /// - Throws: what `onResult` does.
  public func check(
    _ pairs: [PairManifest.Pair], jobs: Int,
    onResult: (PairManifest.Pair, Result<ValidationReport, ModelFileError>)
      throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let jobs = min(jobs, pairs.count)
    let queue = PairQueue(pairs, jobs: jobs, check: result)
    guard jobs > 1, queue.startThreads() else {
      for pair in pairs { try onResult(pair, result(of: pair)) }
      return
    }
    defer { queue.stop() }
    for (index, pair) in pairs.enumerated() { try onResult(pair, queue.result(of: index)) }
  }

  private func result(of pair: PairManifest.Pair) -> PairQueue.Outcome {
    result(of: pair.subject, options: pair.options)
  }
}

/// Pairs that several threads take one after the other, and results that one thread takes in order.
///
/// Invariant: of the pairs from the one that is awaited on, no more than `room` are begun; the awaited one is always
/// among them, since they are begun in order.
private final class PairQueue: Sendable {
  typealias Outcome = Result<ValidationReport, ModelFileError>

  private struct State {
    var next = 0
    var isStopped = false
    var results: [Int: Outcome] = [:]
  }

  /// As much as the main thread has: what reads nested models goes deep.
  private static let stackBytes = 8 << 20
  private let pairs: [PairManifest.Pair]
  private let check: @Sendable (PairManifest.Pair) -> Outcome
  private let state = Mutex(State())
  private let jobs: Int
  private let room: DispatchSemaphore
  private let finished = DispatchSemaphore(value: 0)

  init(
    _ pairs: [PairManifest.Pair], jobs: Int,
    check: @escaping @Sendable (PairManifest.Pair) -> Outcome
  ) {
    self.pairs = pairs
    self.jobs = jobs
    self.check = check
    // A few more than run, so that a slow pair does not keep the others waiting at once. The semaphore begins with 0,
    // because libdispatch traps if one is let go with less than it began with.
    room = DispatchSemaphore(value: 0)
    for _ in 0..<(4 * jobs) { room.signal() }
  }

  /// Whether at least one thread could be started.
  func startThreads() -> Bool {
    (0..<jobs).count { _ in Threads.start(stackBytes: Self.stackBytes) { self.work() } == 0 } > 0
  }

  private func work() {
    while true {
      room.wait()
      let taken: Int? = state.withLock { state in
        guard !state.isStopped, state.next < pairs.count else { return nil }
        defer { state.next += 1 }
        return state.next
      }
      guard let taken else { return }
      let result = check(pairs[taken])
      state.withLock { $0.results[taken] = result }
      finished.signal()
    }
  }

  /// Waits for the result of a pair; each is asked for once, in order.
  func result(of index: Int) -> Outcome {
    while true {
      if let result = state.withLock({ $0.results.removeValue(forKey: index) }) {
        room.signal()
        return result
      }
      finished.wait()
    }
  }

  /// Lets the threads end, those that wait too.
  func stop() {
    state.withLock { $0.isStopped = true }
    for _ in 0..<jobs { room.signal() }
  }
}
