import FileSupport

/// Where the values of a run lie in one piece of memory: those that are never alive at the same time may lie in the
/// same place.
struct MemoryPlan: Sendable {
  /// A value with the steps from the one that writes it to the last that reads it.
  struct Buffer: Sendable {
    let byteCount: Int
    var first: Int
    var last: Int
  }

  /// Where each buffer begins, in bytes.
  let offsets: [Int]
  /// What all take together.
  let byteCount: Int

  /// Vectors and pages of the cache begin at multiples of it.
  private static let alignment = 64

  /// Places the largest first, each as low as those that are alive with it allow.
  init(_ buffers: [Buffer]) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [(buffer: Buffer, start: Int, end: Int)] = []
    var total = 0
    let order = buffers.indices.sorted {
      (buffers[$1].byteCount, $0) < (buffers[$0].byteCount, $1)
    }
    for index in order {
      let buffer = buffers[index]
      let size = (buffer.byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
      var start = 0
      // In the order of their places, so that the first gap that is wide enough is found.
      for other in placed
      where other.buffer.first <= buffer.last && buffer.first <= other.buffer.last {
        if other.start >= start + size { break }
        start = max(start, other.end)
      }
      offsets[index] = start
      total = max(total, start + size)
      let position = placed.firstIndex { $0.start > start } ?? placed.count
      placed.insert((buffer, start, start + size), at: position)
    }
    self.offsets = offsets
    byteCount = total
  }
}
