import FileSupport

/// Delivers the elements of a stored tensor in the order of a view, band by band.
///
/// A tensor that is already in order is read straight into the bands. Any other is read whole and put in
/// order in memory, so the peak is twice the largest of those; no two tensors are held at a time.
///
/// Invariant: `storage` and `band` are only touched inside ``forEachBand(of:elementType:view:_:)``,
/// which one thread runs.
public final class TensorStream {
  /// The size of a band in bytes: large enough that calls cost nothing, small enough for the cache
  /// of pages to follow.
  static let bandBytes = 4 << 20

  private var storage = RawBuffer()
  private var band = RawBuffer()

  /// A stream that can be used for one tensor after another and reuses its memory.
  public init() {}

  /// Calls `body` with consecutive bands of the tensor in the order of `view`.
  ///
  /// - Parameters:
  ///   - source: the stored bytes.
  ///   - elementType: the type of an element; its size must be 1, 2, 4 or 8.
  ///   - view: the order wanted.
  ///   - body: takes the bytes of the next elements.
  public func forEachBand(
    of source: any TensorSource, elementType: ElementType, view: StridedView,
    _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let total = try Self.checkedBytes(of: source, elementType, view)
    guard total > 0 else { return }
    if view.isContiguous {
      var offset = 0
      while offset < total {
        let target = try band.reserving(min(Self.bandBytes, total - offset))
        try source.read(into: target, at: offset)
        try body(UnsafeRawBufferPointer(target))
        offset += target.count
      }
      return
    }
    try body(
      UnsafeRawBufferPointer(
        try ordered(source, elementType: elementType, view: view, into: band)))
  }

  /// Makes room for a tensor of a size that is to come.
  func reserve(_ count: Int) throws(ModelFileError) {
    _ = try storage.reserving(count)
  }

  /// All elements in the order of `view`, in a buffer of the caller's.
  func ordered(
    _ source: any TensorSource, elementType: ElementType, view: StridedView,
    into buffer: RawBuffer
  ) throws(ModelFileError) -> UnsafeMutableRawBufferPointer {
    let total = try Self.checkedBytes(of: source, elementType, view)
    let target = try buffer.reserving(total)
    guard total > 0 else { return target }
    guard !view.isContiguous else {
      try source.read(into: target, at: 0)
      return target
    }
    let stored = try storage.reserving(total)
    try source.read(into: stored, at: 0)
    Gather(view: view, elementSize: elementType.byteCount)
      .copy(from: UnsafeRawBufferPointer(stored), to: target)
    return target
  }

  private static func checkedBytes(
    of source: any TensorSource, _ elementType: ElementType, _ view: StridedView
  ) throws(ModelFileError) -> Int {
    let total = view.elementCount.clampedProduct(elementType.byteCount)
    guard total == source.byteCount else {
      throw ModelFileError(
        .internalFault, "a tensor of \(source.byteCount) bytes is viewed as \(total) bytes")
    }
    return total
  }
}

/// Memory that grows and is kept for the next use.
///
/// Invariant: `memory` is nil or an allocation of at least the bytes last asked for, owned by this
/// object alone.
final class RawBuffer {
  private var memory: UnsafeMutableRawBufferPointer?

  deinit {
    Memory.free(memory)
  }

  /// The first `count` bytes of the buffer, whose content is undefined.
  func reserving(_ count: Int) throws(ModelFileError) -> UnsafeMutableRawBufferPointer {
    if let memory, memory.count >= count {
      return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }
    Memory.free(memory)
    memory = nil
    let fresh = try Memory.allocate(count)
    memory = fresh
    return fresh
  }
}
