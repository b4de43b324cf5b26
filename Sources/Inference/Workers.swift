import FileSupport

/// Threads that fill a result part by part.
struct Workers: Sendable {
  /// How many work at a time.
  let threads: Int

  /// An array of `parts` equal runs of `count` numbers, each filled by one call of `body`.
  ///
  /// Every run starts as zeros. The calls come in no order and at the same time, so a run may depend
  /// on nothing but its own number; then the result is the same for any number of threads.
  func fill<Number: BinaryFloatingPoint & Sendable>(
    parts: Int, of count: Int,
    _ body: @Sendable (_ part: Int, _ run: inout MutableSpan<Number>) -> Void
  ) -> [Number] {
    let total = parts * count
    return [Number](unsafeUninitializedCapacity: total) { buffer, filled in
      buffer.initialize(repeating: 0)
      let runs = Runs(base: buffer, count: count)
      if threads == 1 || parts == 1 {
        for part in 0..<parts { runs.with(part, body) }
      } else {
        // A thread takes every `threads`-th part.
        let threads = min(threads, parts)
        Threads.perform(threads) { first in
          for part in stride(from: first, to: parts, by: threads) { runs.with(part, body) }
        }
      }
      filled = total
    }
  }
}

/// The memory of a result, lent out in parts.
///
/// Invariant: `base` is initialized and outlives the object; each part is lent to one thread at a
/// time, and parts do not overlap.
private struct Runs<Number: Sendable>: @unchecked Sendable {
  let base: UnsafeMutableBufferPointer<Number>
  let count: Int

  func with(_ part: Int, _ body: (Int, inout MutableSpan<Number>) -> Void) {
    let run = UnsafeMutableBufferPointer(rebasing: base[(part * count)..<((part + 1) * count)])
    var span = run.mutableSpan
    body(part, &span)
  }
}
