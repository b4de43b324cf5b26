import FileSupport
import Synchronization

/// Memory for numbers in float32; undefined at first.
///
/// Invariant: freed with the object. Threads that write to it at the same time write to different places.
final class FloatMemory: @unchecked Sendable {
  /// The first number.
  let start: UnsafeMutablePointer<Float>
  private let bytes: UnsafeMutableRawBufferPointer

  /// - Throws: `ModelFileError` of kind `inputOutput` if there is not so much memory.
  init(_ count: Int) throws(ModelFileError) {
    bytes = try Memory.allocate(max(count, 1) * MemoryLayout<Float>.stride, inLargePages: true)
    start = bytes.bindMemory(to: Float.self).baseAddress.unsafelyUnwrapped
  }

  deinit { Memory.free(bytes) }
}

/// A place in memory that is handed to threads.
///
/// Invariant: the memory outlives the work, and each thread writes to numbers of its own.
struct SharedPlace<Number>: @unchecked Sendable {
  let start: UnsafeMutablePointer<Number>
}

extension Threads {
  /// Calls `body` for each part; a worker takes every `workers`-th, in order.
  ///
  /// - Throws: what a call throws; one of them if several do.
  static func share<Fault: Error>(
    _ parts: Int, among workers: Int,
    _ body: @Sendable (_ part: Int, _ worker: Int) throws(Fault) -> Void
  ) throws(Fault) {
    let workers = max(min(workers, parts), 1)
    let fault = Mutex<Fault?>(nil)
    perform(workers) { worker in
      for part in stride(from: worker, to: parts, by: workers) {
        do throws(Fault) { try body(part, worker) } catch { fault.withLock { $0 = error } }
      }
    }
    if let error = fault.withLock({ $0 }) { throw error }
  }
}
