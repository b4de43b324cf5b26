import FileSupport
import ModelGraph

/// Kernels in larger ones that are 0 elsewhere, with the cells of a kernel outermost: a cell's numbers for all
/// channels lie together.
struct EmbeddedKernels: TensorSource {
  private let kernels: any TensorSource
  private let placement: KernelPlacement
  /// The rows and columns of the kernels.
  private let extents: [Int]
  /// The bytes of all channels at one cell.
  private let cellBytes: Int

  /// The kernels, cell by cell, at their place in a square.
  init(_ kernels: any TensorSource, extents: [Int], cellBytes: Int, placement: KernelPlacement) {
    self.kernels = kernels
    self.placement = placement
    self.extents = extents
    self.cellBytes = cellBytes
  }

  /// The bytes of all cells of the square.
  var byteCount: Int {
    placement.size.clampedProduct(placement.size).clampedProduct(cellBytes)
  }

  /// Reads cell by cell: what lies in none of the kernel's is 0, whatever the type.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    var done = 0
    while done < buffer.count {
      let (cell, start) = (offset + done).quotientAndRemainder(dividingBy: cellBytes)
      let count = min(cellBytes - start, buffer.count - done)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
      if let own = kernelCell(cell) {
        try kernels.read(into: part, at: own * cellBytes + start)
      } else {
        part.initializeMemory(as: UInt8.self, repeating: 0)
      }
      done += count
    }
  }

  /// Which of the kernel's cells stands at a cell of the square.
  private func kernelCell(_ cell: Int) -> Int? {
    var index = 0
    for (axis, position) in [cell / placement.size, cell % placement.size].enumerated() {
      let (own, rest) = (position - placement.leading[axis])
        .quotientAndRemainder(dividingBy: placement.steps[axis])
      guard position >= placement.leading[axis], rest == 0, own < extents[axis] else { return nil }
      index = index * extents[axis] + own
    }
    return index
  }
}

extension Parameter {
  /// The kernels `[out, in / groups, h, w]` in squares.
  func embedded(by placement: KernelPlacement) throws(ModelFileError) -> Parameter {
    let extents = Array(shape.extents.suffix(2))
    let square = Shape(Array(shape.extents.prefix(2)) + [placement.size, placement.size])
    let channels = Array(view.extents.dropLast(2))
    guard square.elementCount <= LayerShape.maximumCount, view.extents.count >= 2,
      Array(view.extents.suffix(2)) == extents
    else {
      throw ModelFileError(
        .unsupported, at: [.array(name)], "would become kernels too large for darknet",
        found: "\(square)")
    }
    let width = elementType.byteCount
    // The order in which the axes of the channels lie in the file, outermost first.
    let stored = channels.indices.sorted { view.strides[$0] > view.strides[$1] }
    let cells = Shape(channels).elementCount
    let axes = view.strides.suffix(2)
    let isCellByCell =
      Shape(channels).elementCount == 1 || extents == [1, 1]
      || zip(axes, [extents[1].clampedProduct(cells), cells]).allSatisfy(==)
    var made: (any TensorSource)?
    if let source {
      // Kernels that lie channel by channel are held in memory cell by cell.
      made = EmbeddedKernels(
        isCellByCell ? source : try cellByCell(source, stored: stored), extents: extents,
        cellBytes: cells.clampedProduct(width), placement: placement)
    }
    let order = channels.indices.compactMap { axis in stored.firstIndex(of: axis).map { $0 + 2 } }
    let walk = StridedView(
      contiguous: Shape([placement.size, placement.size] + stored.map { channels[$0] })
    ).permuted(order + [0, 1])
    return Parameter(
      array, of: layer, role: role, shape: square, elementType: elementType, view: walk,
      source: made)
  }

  private func cellByCell(
    _ source: any TensorSource, stored: [Int]
  ) throws(ModelFileError) -> any TensorSource {
    let spatial = [view.extents.count - 2, view.extents.count - 1]
    var bytes: [UInt8] = []
    try TensorStream().forEachBand(
      of: source, elementType: elementType, view: view.permuted(spatial + stored)
    ) { bytes.append(contentsOf: $0) }
    return MemorySource(bytes: bytes)
  }
}
