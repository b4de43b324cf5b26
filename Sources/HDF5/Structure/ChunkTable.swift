import FileSupport

/// Where a chunk lies.
struct ChunkLocation: Sendable {
  /// Its number in the dataset, row by row of chunks.
  let number: Int
  let address: UInt64
  /// Its bytes in the file.
  let size: UInt64
  /// Bit i is set where filter i was skipped.
  let mask: UInt32

  /// Whether it did not go through the filter of this index.
  func skips(_ filter: Int) -> Bool { filter < 32 && mask & (1 << UInt32(filter)) != 0 }
}

/// The numbers of chunks: their positions along the axes, and in the arrays that some indexes are.
struct ChunkNumbering: Sendable {
  /// How many chunks there are along each axis now, and how many there can be; `nil` for without end.
  let counts: [Int]
  private let maximum: [Int?]
  let shape: [UInt64]

  /// - Throws: `ModelFileError` if there are more chunks than memory can count.
  init(_ space: Dataspace, chunk: [UInt64], place: ByteCursor) throws(ModelFileError) {
    let extents = space.extents ?? []
    guard extents.count == chunk.count, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }) else {
      throw place.flaw(
        "has chunks that do not fit its shape", expected: "\(extents.count) axes",
        found: "chunks of \(chunk)")
    }
    shape = chunk
    counts = zip(extents, chunk).map { Int(clamping: $0 / $1 + ($0 % $1 == 0 ? 0 : 1)) }
    maximum = zip(space.maximum ?? [], chunk).map { limit, chunk in
      limit.map { Int(clamping: $0 / chunk + ($0 % chunk == 0 ? 0 : 1)) }
    }
    var total = 1
    for count in counts where count > 0 {
      let (product, overflows) = total.multipliedReportingOverflow(by: count)
      guard !overflows else { throw place.flaw("has more chunks than can be counted") }
      total = product
    }
  }

  /// The number of the chunk at these positions, `nil` outside of the dataset.
  func number(at positions: [UInt64]) -> Int? {
    var number = 0
    for (position, count) in zip(positions, counts) {
      guard position < UInt64(count) else { return nil }
      number = number * count + Int(position)
    }
    return number
  }

  /// The number of the chunk that stands at an index of an array, `nil` outside of the dataset.
  ///
  /// Arrays count in row order over what the dataset may grow to, the axis that grows without end, if
  /// there is one, before all others.
  func number(atArrayIndex index: UInt64) -> Int? {
    let endless = maximum.firstIndex { $0 == nil } ?? 0
    let order = [endless] + maximum.indices.filter { $0 != endless }
    var positions = [UInt64](repeating: 0, count: counts.count)
    var rest = index
    for axis in order.dropFirst().reversed() {
      guard let limit = maximum[axis], limit > 0 else { return nil }
      positions[axis] = rest % UInt64(limit)
      rest /= UInt64(limit)
    }
    positions[endless] = rest
    return number(at: positions)
  }

  /// How many chunks the dataset can grow to have, `nil` for without end.
  var maximumCount: UInt64? {
    var total: UInt64 = 1
    for limit in maximum {
      guard let limit else { return nil }
      let (product, overflows) = total.multipliedReportingOverflow(by: UInt64(limit))
      if overflows { return nil }
      total = product
    }
    return total
  }
}

/// All chunks of a dataset that were written, in the order of their numbers.
struct ChunkTable: Sendable {
  private(set) var chunks: [ChunkLocation] = []
  /// The bytes of all of them in the file.
  private(set) var storedBytes: UInt64 = 0

  /// A dataset without chunks.
  init() {}

  /// Sorts chunks.
  ///
  /// - Throws: `ModelFileError` if one is there twice, or lies outside of the file.
  init(_ found: [ChunkLocation], in image: FileImage) throws(ModelFileError) {
    let isSorted = zip(found, found.dropFirst()).allSatisfy { $0.number < $1.number }
    chunks = isSorted ? found : found.sorted { $0.number < $1.number }
    for (index, chunk) in chunks.enumerated() {
      guard image.holds(chunk.address, chunk.size) else {
        throw ModelFileError(
          .damaged, at: [.byte(image.place(chunk.address))], "a chunk lies outside of the file",
          expected: "\(chunk.size) bytes from address \(chunk.address) on",
          found: "an end at \(image.end)")
      }
      guard index == 0 || chunks[index - 1].number < chunk.number else {
        throw ModelFileError(
          .damaged, at: [.byte(image.place(chunk.address))], "a chunk is there twice")
      }
      let (sum, overflows) = storedBytes.addingReportingOverflow(chunk.size)
      storedBytes = overflows ? .max : sum
    }
  }

  /// The chunks whose numbers lie in a range.
  func chunks(in range: Range<Int>) -> ArraySlice<ChunkLocation> {
    chunks[firstIndex(notBelow: range.lowerBound)..<firstIndex(notBelow: range.upperBound)]
  }

  private func firstIndex(notBelow number: Int) -> Int {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
