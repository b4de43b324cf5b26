import ModelGraph

/// What is done to the sums of one block of channels in one sample, and to δ on the way back: normalization,
/// activation, the largest of a window.
///
/// Invariant: `sums` leads to `extents` cells of a block, which nobody writes to while the kernel works.
struct BlockKernel<Vector: LaneVector> {
  /// The sums, `[cell][lane]`.
  let sums: UnsafePointer<Float>
  /// Height and width.
  let extents: (height: Int, width: Int)
  /// *m* of each channel.
  let mean: Vector
  /// What `x − m` is multiplied by.
  let factor: Vector
  /// β
  let offset: Vector
  /// σ
  let bend: Bend

  /// Cells whose numbers are summed in float32 before the sum goes to one in double precision.
  private static var piece: Int { 64 }

  @inline(__always)
  private func deviation(at cell: Int) -> Vector {
    Vector(at: sums + cell &* Vector.lanes) - mean
  }

  @inline(__always)
  private func value(at cell: Int) -> Vector {
    (deviation(at: cell) * factor + offset).applying(bend)
  }

  /// `Σ x` of each channel.
  func sum(to result: UnsafeMutablePointer<Double>) {
    addPieces(to: result) { Vector(at: sums + $0 &* Vector.lanes) }
  }

  /// `Σ (x − m)²` of each channel.
  func squares(to result: UnsafeMutablePointer<Double>) {
    addPieces(to: result) {
      let d = deviation(at: $0)
      return d * d
    }
  }

  @inline(__always)
  private func addPieces(
    to result: UnsafeMutablePointer<Double>, _ term: (_ cell: Int) -> Vector
  ) {
    let area = extents.height * extents.width
    for first in stride(from: 0, to: area, by: Self.piece) {
      var sum = Vector(repeating: 0)
      for cell in first..<min(first + Self.piece, area) { sum = sum + term(cell) }
      sum.add(to: result)
    }
  }

  /// `σ(γ x̂ + β)` of a row of cells.
  func values(row: Int, to result: UnsafeMutablePointer<Float>) {
    for column in 0..<extents.width {
      value(at: row * extents.width + column).store(at: result + column &* Vector.lanes)
    }
  }

  /// A row of cells of δ at the sums, out of δ at the values, and what it adds to `Σ δ` and `Σ δ (x − m)`.
  ///
  /// - Parameter delta: δ at the values of the row.
  func back(
    row: Int, _ delta: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>,
    _ totals: Totals
  ) {
    let start = row * extents.width
    for first in stride(from: 0, to: extents.width, by: Self.piece) {
      var (sum, product) = (Vector(repeating: 0), Vector(repeating: 0))
      for column in first..<min(first + Self.piece, extents.width) {
        let d = deviation(at: start + column)
        let slope = (d * factor + offset).applying(bend).slopes(of: bend)
        let error = Vector(at: delta + column &* Vector.lanes) * slope
        error.store(at: result + (start + column) &* Vector.lanes)
        sum = sum + error
        product = product + error * d
      }
      sum.add(to: totals.deltas)
      product.add(to: totals.products)
    }
  }

  /// Where sums of the way back are kept, one for each channel of the block.
  struct Totals {
    /// `Σ δ`
    let deltas: UnsafeMutablePointer<Double>
    /// `Σ δ (x − m)`
    let products: UnsafeMutablePointer<Double>
  }

  // MARK: The largest of a window

  /// The largest values in a window, and which of its cells inside the image they are of; of equal ones the first.
  @inline(__always)
  private func largest(_ rows: Range<Int>, _ columns: Range<Int>) -> (
    value: Vector, winners: Vector
  ) {
    // Of no cell at all it is the smallest number.
    guard !rows.isEmpty, !columns.isEmpty else {
      return (Vector(repeating: -Float.greatestFiniteMagnitude), Vector(repeating: -1))
    }
    var value = value(at: rows.lowerBound &* extents.width &+ columns.lowerBound)
    var winners = Vector(repeating: 0)
    var number: Float = 0
    for row in rows {
      for column in columns {
        if number > 0 {
          value.takeLarger(
            self.value(at: row &* extents.width &+ column), of: number, winners: &winners)
        }
        number += 1
      }
    }
    return (value, winners)
  }

  /// The largest of the values in each window of a row of them.
  func largest(
    _ window: Window, row: Int, places: Int, to result: UnsafeMutablePointer<Float>
  ) {
    let axes = WindowRow(window, row: row, extents)
    for place in 0..<places {
      largest(axes.rows, axes.columns(of: place)).value
        .store(at: result + place &* Vector.lanes)
    }
  }

  /// Adds a row of δ at the largest values to the cells that had them, as ``back(row:_:to:_:)`` does.
  func back(
    _ window: Window, row: Int, places: Int, _ delta: UnsafePointer<Float>,
    to result: UnsafeMutablePointer<Float>, _ totals: Totals
  ) {
    let axes = WindowRow(window, row: row, extents)
    for first in stride(from: 0, to: places, by: Self.piece) {
      var (sum, product) = (Vector(repeating: 0), Vector(repeating: 0))
      for place in first..<min(first + Self.piece, places) {
        let columns = axes.columns(of: place)
        let (value, winners) = largest(axes.rows, columns)
        let error = Vector(at: delta + place &* Vector.lanes) * value.slopes(of: bend)
        var number: Float = 0
        for row in axes.rows {
          for column in columns {
            let cell = row &* extents.width &+ column
            let part = error.won(by: number, winners)
            let at = result + cell &* Vector.lanes
            (Vector(at: at) + part).store(at: at)
            sum = sum + part
            product = product + part * deviation(at: cell)
            number += 1
          }
        }
      }
      sum.add(to: totals.deltas)
      product.add(to: totals.products)
    }
  }

  /// δ at the sums, a line in δ and x of each channel.
  func normalizeBack(
    _ delta: UnsafeMutablePointer<Float>, deltaFactor: Vector, factor: Vector, offset: Vector
  ) {
    for cell in 0..<(extents.height * extents.width) {
      let at = delta + cell &* Vector.lanes
      (deltaFactor * Vector(at: at) + factor * deviation(at: cell) + offset).store(at: at)
    }
  }
}

/// Which cells the windows of a row see.
private struct WindowRow {
  /// The rows of cells inside the image.
  let rows: Range<Int>
  private let size: Int
  private let stride: Int
  private let before: Int
  private let width: Int

  init(_ window: Window, row: Int, _ extents: (height: Int, width: Int)) {
    rows = Self.range(
      row * window.strides[0] - window.padding[0].before, window.size[0], extents.height)
    size = window.size[1]
    stride = window.strides[1]
    before = window.padding[1].before
    width = extents.width
  }

  @inline(__always)
  func columns(of place: Int) -> Range<Int> { Self.range(place &* stride &- before, size, width) }

  @inline(__always)
  private static func range(_ first: Int, _ size: Int, _ extent: Int) -> Range<Int> {
    let low = max(first, 0)
    return low..<max(low, min(first &+ size, extent))
  }
}
