/// Copies elements out of a stored tensor in the order of a view.
///
/// The view is first brought to its fewest axes; the last is a row. Where rows are strided, rows and
/// columns are copied tile by tile, so that a cache line fetched from the source is used whole.
///
/// Invariant: `copy` touches only elements of the view, all of which lie inside a source of
/// `view.elementCount` elements, because a view visits each stored element exactly once.
struct Gather {
  private let extents: [Int]
  private let strides: [Int]
  private let elementSize: Int

  /// The number of rows: the product of all extents but the last.
  let rowCount: Int
  /// The bytes of one row of the result.
  let rowBytes: Int

  init(view: StridedView, elementSize: Int) {
    let view = view.coalesced
    extents = view.extents
    strides = view.strides
    self.elementSize = elementSize
    rowCount = view.extents.dropLast().reduce(1, *)
    rowBytes = (view.extents.last ?? 1) * elementSize
  }

  /// Writes the rows `rows` of the result to `target`, which is exactly as large.
  func copy(
    rows: Range<Int>, from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
  ) {
    switch elementSize {
    case 1: copy(UInt8.self, rows, source, target)
    case 2: copy(UInt16.self, rows, source, target)
    case 4: copy(UInt32.self, rows, source, target)
    default: copy(UInt64.self, rows, source, target)
    }
  }

  private func copy<Element>(
    _: Element.Type, _ rows: Range<Int>, _ source: UnsafeRawBufferPointer,
    _ target: UnsafeMutableRawBufferPointer
  ) {
    let from = source.bindMemory(to: Element.self)
    let to = target.bindMemory(to: Element.self)
    let columns = extents[extents.count - 1]
    let columnStride = strides[strides.count - 1]
    let tileRows = 16
    let tileColumns = 64
    var starts = [Int](repeating: 0, count: tileRows)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let count = min(tileRows, rows.upperBound - row)
      for index in 0..<count { starts[index] = start(ofRow: row + index) }
      var column = 0
      while column < columns {
        let end = min(column + tileColumns, columns)
        for index in 0..<count {
          var at = starts[index] + column * columnStride
          let line = (row - rows.lowerBound + index) * columns
          for target in (line + column)..<(line + end) {
            to[target] = from[at]
            at += columnStride
          }
        }
        column = end
      }
      row += count
    }
  }

  /// The stored position of the first element of a row.
  private func start(ofRow row: Int) -> Int {
    var rest = row
    var position = 0
    for axis in (0..<(extents.count - 1)).reversed() {
      position += rest % extents[axis] * strides[axis]
      rest /= extents[axis]
    }
    return position
  }
}
