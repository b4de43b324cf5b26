import FileSupport

/// Copies the elements of a stored tensor into the order of a view.
///
/// One axis is walked in lanes: `lanes` neighbours of it at a time, which lie side by side in the target
/// (or in the source, if the target's innermost axis is too short). All other axes are walked in the
/// order of the other side, so that each cache line of both is fetched once and used whole.
///
/// Invariant: `copy` touches only elements of the view, which all lie inside a source of
/// `view.elementCount` elements because a view visits each stored element exactly once; the target has
/// as many elements. Parts that run at the same time write different elements.
package struct Gather {
  /// An axis of the walk: how far one step leads in the source and in the target.
  private struct Axis {
    var extent: Int
    var source: Int
    var target: Int
  }

  private static let lanes = 16
  /// Below this many bytes a second thread costs more than it saves.
  private static let parallelBytes = 1 << 18

  private let laneAxis: Axis
  /// The other axes, the fastest first.
  private let axes: [Axis]
  private let elementSize: Int

  /// A copy in the order of `view`, which has at least one element, of elements of so many bytes.
  package init(view: StridedView, elementSize: Int) {
    let view = view.coalesced
    self.elementSize = elementSize
    let dense = StridedView(contiguous: Shape(view.extents)).strides
    var axes = view.extents.indices.map {
      Axis(extent: view.extents[$0], source: view.strides[$0], target: dense[$0])
    }
    let last = axes.count - 1
    let innermostInSource = axes.indices.min { axes[$0].source < axes[$1].source } ?? last
    let usesTarget =
      axes[last].extent >= Self.lanes || axes[last].extent >= axes[innermostInSource].extent
    laneAxis = axes.remove(at: usesTarget ? last : innermostInSource)
    self.axes = axes.sorted { usesTarget ? $0.source < $1.source : $0.target < $1.target }
  }

  /// Fills `target`, on as many threads as there are cores unless told otherwise.
  package func copy(
    from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer,
    usingThreads: Bool = true
  ) {
    switch elementSize {
    case 1: copy(UInt8.self, source, target, usingThreads)
    case 2: copy(UInt16.self, source, target, usingThreads)
    case 4: copy(UInt32.self, source, target, usingThreads)
    default: copy(UInt64.self, source, target, usingThreads)
    }
  }

  private func copy<Element: BitwiseCopyable & Sendable>(
    _: Element.Type, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer,
    _ usingThreads: Bool
  ) {
    guard let from = source.bindMemory(to: Element.self).baseAddress,
      let to = target.bindMemory(to: Element.self).baseAddress
    else { return }
    let memory = Memory(source: from, target: to)
    let blocks = (laneAxis.extent + Self.lanes - 1) / Self.lanes
    if !usingThreads || blocks < 2 || target.count < Self.parallelBytes {
      for block in 0..<blocks { copy(block: block, memory) }
    } else {
      Threads.perform(blocks) { copy(block: $0, memory) }
    }
  }

  /// The two sides, to be handed to threads: see the invariant of ``Gather``.
  private struct Memory<Element>: @unchecked Sendable {
    let source: UnsafePointer<Element>
    let target: UnsafeMutablePointer<Element>
  }

  /// Copies the elements of one block of lanes.
  private func copy<Element: BitwiseCopyable>(block: Int, _ memory: Memory<Element>) {
    let first = block * Self.lanes
    let lanes = min(Self.lanes, laneAxis.extent - first)
    var source = first * laneAxis.source
    var target = first * laneAxis.target
    let inner = axes.first ?? Axis(extent: 1, source: 0, target: 0)
    var counters = [Int](repeating: 0, count: max(axes.count - 1, 0))
    while true {
      copyLanes(
        lanes, steps: inner, from: memory.source + source, to: memory.target + target)
      // The outer axes count like an odometer.
      var axis = 0
      while axis < counters.count {
        let step = axes[axis + 1]
        counters[axis] += 1
        source += step.source
        target += step.target
        if counters[axis] < step.extent { break }
        counters[axis] = 0
        source -= step.source * step.extent
        target -= step.target * step.extent
        axis += 1
      }
      if axis == counters.count { return }
    }
  }

  /// Copies `lanes` elements for each step along the fastest of the other axes.
  @inline(__always)
  private func copyLanes<Element: BitwiseCopyable>(
    _ lanes: Int, steps: Axis, from source: UnsafePointer<Element>,
    to target: UnsafeMutablePointer<Element>
  ) {
    var from = source
    var to = target
    for _ in 0..<steps.extent {
      // Whole blocks have a constant number of lanes, for which the compiler unrolls the loop.
      if lanes == Self.lanes {
        for lane in 0..<Self.lanes {
          to[lane &* laneAxis.target] = from[lane &* laneAxis.source]
        }
      } else {
        for lane in 0..<lanes { to[lane &* laneAxis.target] = from[lane &* laneAxis.source] }
      }
      from += steps.source
      to += steps.target
    }
  }
}
