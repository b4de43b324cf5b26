/// How a band of rows lies over the chunks of a dataset.
struct ChunkGrid {
  /// The extents of the dataset and of a chunk, one for each axis.
  let extents: [Int]
  let chunk: [Int]
  /// The rows of the band.
  let rows: Range<Int>

  /// The grid of a dataset with at least one axis, `nil` if an extent does not fit memory.
  init?(extents: [UInt64], chunk: [UInt64], rows: Range<Int>) {
    let dataset = extents.compactMap { Int(exactly: $0) }
    let chunk = chunk.compactMap { Int(exactly: $0) }
    guard !dataset.isEmpty, dataset.count == extents.count, chunk.count == extents.count,
      chunk.allSatisfy({ $0 > 0 })
    else { return nil }
    self.extents = dataset
    self.chunk = chunk
    self.rows = rows
  }

  /// The part of the dataset that the band covers along an axis.
  private func band(_ axis: Int) -> Range<Int> {
    axis == 0 ? rows : 0..<extents[axis]
  }

  /// Calls `body` with the first element of every chunk that has elements of the band.
  func forEachChunk<Failure>(_ body: ([Int]) throws(Failure) -> Void) throws(Failure) {
    let axes = extents.indices
    guard axes.allSatisfy({ !band($0).isEmpty }) else { return }
    let first = axes.map { band($0).lowerBound / chunk[$0] * chunk[$0] }
    var start = first
    while true {
      try body(start)
      var axis = axes.upperBound - 1
      while axis >= 0 {
        start[axis] += chunk[axis]
        if start[axis] < band(axis).upperBound { break }
        start[axis] = first[axis]
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// Calls `body` for every run of elements that lie side by side in both a chunk and the band: where it
  /// starts in either, and its length, in elements.
  func forEachRun(inChunkAt start: [Int], _ body: (_ chunk: Int, _ band: Int, _ count: Int) -> Void)
  {
    let axes = extents.indices
    let common = axes.map { axis in
      start[axis]..<min(start[axis] + chunk[axis], extents[axis])
    }.enumerated().map { $1.clamped(to: band($0)) }
    guard common.allSatisfy({ !$0.isEmpty }) else { return }
    // Trailing axes that both hold as a whole make one run with the axis before them.
    var last = axes.upperBound - 1
    var length = common[last].count
    while last > 0, length > 0, common[last].count == chunk[last],
      common[last].count == band(last).count
    {
      last -= 1
      length *= common[last].count
    }
    let chunkStrides = Self.strides(chunk)
    let bandStrides = Self.strides(axes.map { band($0).count })
    var position = common.map(\.lowerBound)
    while true {
      var inChunk = 0
      var inBand = 0
      for axis in axes {
        inChunk += (position[axis] - start[axis]) * chunkStrides[axis]
        inBand += (position[axis] - band(axis).lowerBound) * bandStrides[axis]
      }
      body(inChunk, inBand, length)
      var axis = last - 1
      while axis >= 0 {
        position[axis] += 1
        if position[axis] < common[axis].upperBound { break }
        position[axis] = common[axis].lowerBound
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private static func strides(_ extents: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }
}
