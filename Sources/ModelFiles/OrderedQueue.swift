import Dispatch
import FileSupport
import Synchronization

/// Items that several threads take one after the other, and results that one thread takes in order.
///
/// Invariant: of the items from the one that is awaited on, no more than `room` are begun; the awaited one is always
/// among them, since they are begun in order.
package final class OrderedQueue<Item: Sendable, Outcome: Sendable>: Sendable {
  /// Works on items, several at the same time, and tells what came of each in their order. No more than `jobs` items are
  /// worked on at once, and only a few outcomes wait for an earlier one.
  ///
  /// - Parameters:
  ///   - items: the items.
  ///   - jobs: how many are worked on at the same time.
  ///   - work: what is done with each, on any thread.
  ///   - onResult: is called for each item on the caller's thread; if it throws, no more items are begun.
  /// - Throws: what `onResult` does.
  package static func run(
    _ items: [Item], jobs: Int, work: @escaping @Sendable (Item) -> Outcome,
    onResult: (Item, Outcome) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let jobs = min(jobs, items.count)
    let queue = OrderedQueue(items, jobs: jobs, work: work)
    guard jobs > 1, queue.startThreads() else {
      for item in items { try onResult(item, work(item)) }
      return
    }
    defer { queue.stop() }
    for (index, item) in items.enumerated() { try onResult(item, queue.outcome(of: index)) }
  }

  private struct State {
    var next = 0
    var isStopped = false
    var results: [Int: Outcome] = [:]
  }

  /// As much as the main thread has: what reads nested models goes deep.
  private static var stackBytes: Int { 8 << 20 }
  private let items: [Item]
  private let perform: @Sendable (Item) -> Outcome
  private let state = Mutex(State())
  private let jobs: Int
  private let room: DispatchSemaphore
  private let finished = DispatchSemaphore(value: 0)

  private init(
    _ items: [Item], jobs: Int, work: @escaping @Sendable (Item) -> Outcome
  ) {
    self.items = items
    self.jobs = jobs
    perform = work
    // A few more than run, so that a slow item does not keep the others waiting at once. The semaphore begins with 0,
    // because libdispatch traps if one is let go with less than it began with.
    room = DispatchSemaphore(value: 0)
    for _ in 0..<(4 * jobs) { room.signal() }
  }

  /// Whether at least one thread could be started.
  private func startThreads() -> Bool {
    (0..<jobs).count { _ in Threads.start(stackBytes: Self.stackBytes) { self.takeItems() } == 0 }
      > 0
  }

  private func takeItems() {
    while true {
      room.wait()
      let taken: Int? = state.withLock { state in
        guard !state.isStopped, state.next < items.count else { return nil }
        defer { state.next += 1 }
        return state.next
      }
      guard let taken else { return }
      let result = perform(items[taken])
      state.withLock { $0.results[taken] = result }
      finished.signal()
    }
  }

  /// Waits for the outcome of an item; each is asked for once, in order.
  private func outcome(of index: Int) -> Outcome {
    while true {
      if let result = state.withLock({ $0.results.removeValue(forKey: index) }) {
        room.signal()
        return result
      }
      finished.wait()
    }
  }

  /// Lets the threads end, those that wait too.
  private func stop() {
    state.withLock { $0.isStopped = true }
    for _ in 0..<jobs { room.signal() }
  }
}
