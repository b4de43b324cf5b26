import FileSupport

/// The elements of a slab, little endian.
///
/// Invariant: `bytes` is written before the object is shared, never after, and freed with it; that makes
/// the type safe to share between threads.
final class Slab: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) throws(ModelFileError) {
    bytes = try Memory.allocate(byteCount)
  }

  deinit {
    Memory.free(bytes)
  }
}

/// How the elements of a chunked dataset, in C order, fall into slabs: the smallest runs of elements
/// that consist of whole chunks. Each chunk is decoded once for a slab, however small the pieces are in
/// which its elements are asked for.
struct SlabGrid {
  private let extents: [Int]
  private let chunk: [Int]
  private let counts: [Int]
  /// The axis along which a slab has the extent of a chunk: it has one index of the axes before, and all
  /// of those behind.
  private let axis: Int
  /// Elements under one index of `axis`.
  private let innerElements: Int
  /// Chunks of a slab.
  private let innerChunks: Int

  /// The grid, `nil` if an extent does not fit memory or there are no elements.
  init?(_ space: Dataspace, _ numbering: ChunkNumbering) {
    let extents = (space.extents ?? []).compactMap { Int(exactly: $0) }
    guard extents.count == numbering.counts.count, !extents.contains(0),
      Int(exactly: space.elementCount ?? .max) != nil
    else { return nil }
    self.extents = extents
    // A chunk may be larger than its axis; what is beyond does not count here.
    chunk = zip(numbering.shape, extents).map { Int(clamping: $0) < $1 ? Int(clamping: $0) : $1 }
    counts = numbering.counts
    axis = chunk.firstIndex { $0 > 1 } ?? extents.count - 1
    innerElements = extents[(axis + 1)...].reduce(1, *)
    innerChunks = counts[(axis + 1)...].reduce(1, *)
  }

  /// The most elements of a slab.
  var slabElements: Int { chunk[axis] * innerElements }

  /// The slab that holds an element.
  func slab(holding element: Int) -> Int {
    let row = element / innerElements
    return row / extents[axis] * counts[axis] + row % extents[axis] / chunk[axis]
  }

  /// The elements of a slab.
  func elements(of slab: Int) -> Range<Int> {
    let outer = slab / counts[axis]
    let first = slab % counts[axis] * chunk[axis]
    let end = min(first + chunk[axis], extents[axis])
    let start = outer * extents[axis]
    return (start + first) * innerElements..<(start + end) * innerElements
  }

  /// The numbers of the chunks of a slab.
  func chunks(of slab: Int) -> Range<Int> {
    slab * innerChunks..<(slab + 1) * innerChunks
  }

  /// Whether a chunk reaches over the edge of the dataset.
  func isAtEdge(_ number: Int, shape: [UInt64]) -> Bool {
    positions(of: number).enumerated().contains { axis, position in
      UInt64(extents[axis] - position * chunk[axis]) < shape[axis]
    }
  }

  private func positions(of number: Int) -> [Int] {
    var positions = [Int](repeating: 0, count: counts.count)
    var rest = number
    for axis in counts.indices.reversed() {
      positions[axis] = rest % counts[axis]
      rest /= counts[axis]
    }
    return positions
  }

  /// Calls `body` for every run of elements that lie side by side in both a chunk and its slab: where it
  /// starts in either, and its length.
  ///
  /// - Parameter shape: the extent of a chunk as stored.
  func forEachRun(
    ofChunk number: Int, shape: [UInt64], _ body: (_ chunk: Int, _ slab: Int, _ count: Int) -> Void
  ) {
    let positions = positions(of: number)
    let rank = extents.count
    let lengths = (axis..<rank).map {
      min(chunk[$0], extents[$0] - positions[$0] * chunk[$0])
    }
    // The chunk starts the slab along `axis`; along the others it stands among its neighbours.
    let starts = (axis..<rank).map { $0 == axis ? 0 : positions[$0] * chunk[$0] }
    var chunkStride = [Int](repeating: 1, count: lengths.count)
    var slabStride = chunkStride
    for place in lengths.indices.dropLast().reversed() {
      chunkStride[place] = chunkStride[place + 1] * Int(clamping: shape[axis + place + 1])
      slabStride[place] = slabStride[place + 1] * extents[axis + place + 1]
    }
    let run = lengths[lengths.count - 1]
    var index = [Int](repeating: 0, count: lengths.count)
    while true {
      var inChunk = 0
      var inSlab = starts[lengths.count - 1]
      for place in 0..<lengths.count - 1 {
        inChunk += index[place] * chunkStride[place]
        inSlab += (starts[place] + index[place]) * slabStride[place]
      }
      body(inChunk, inSlab, run)
      var place = lengths.count - 2
      while place >= 0 {
        index[place] += 1
        if index[place] < lengths[place] { break }
        index[place] = 0
        place -= 1
      }
      if place < 0 { return }
    }
  }
}
