import FileSupport

/// A matrix of numbers inside an array: element `(row, column)` stands at
/// `start + row · rowStride + column · columnStride`.
struct MatrixView {
  /// Where element (0, 0) stands.
  var start = 0
  /// The distance between neighbouring rows.
  let rowStride: Int
  /// The distance between neighbouring columns.
  var columnStride = 1

  /// The same numbers with rows and columns exchanged.
  var transposed: MatrixView {
    MatrixView(start: start, rowStride: columnStride, columnStride: rowStride)
  }
}

/// Products of matrices in double precision. Rows of the result are shared out among threads; each is
/// computed by one thread in one order, so the number of threads changes no bit.
///
/// Invariant: the caller names elements that exist (checked at the corners in every build).
struct Products: Sendable {
  /// How many work at a time.
  let threads: Int

  /// Below this many products a second thread costs more than it saves.
  private static let parallelProducts = 1 << 15

  /// `c[i, j] += Σ_k a[i, k] · b[k, j]`; rows of *b* and *c* lie dense.
  func add(
    rows: Int, inner: Int, columns: Int, _ a: [Double], _ aView: MatrixView, _ b: [Double],
    _ bView: MatrixView, to c: inout [Double], _ cView: MatrixView
  ) {
    guard rows > 0, inner > 0, columns > 0 else { return }
    check(a, aView, rows, inner)
    check(b, bView, inner, columns)
    check(c, cView, rows, columns)
    withMemory(a, b, &c) { memory in
      share(rows, products: rows * inner * columns) { i in
        let row = memory.c + cView.start + i * cView.rowStride
        for k in 0..<inner {
          let factor = memory.a[aView.start + i * aView.rowStride + k * aView.columnStride]
          if factor == 0 { continue }
          let other = memory.b + bView.start + k * bView.rowStride
          for j in 0..<columns { row[j] += factor * other[j] }
        }
      }
    }
  }

  /// `c[i, j] += Σ_k a[i, k] · b[j, k]`; rows of *a* and *b* lie dense.
  func addDots(
    rows: Int, inner: Int, columns: Int, _ a: [Double], _ aView: MatrixView, _ b: [Double],
    _ bView: MatrixView, to c: inout [Double], _ cView: MatrixView
  ) {
    guard rows > 0, inner > 0, columns > 0 else { return }
    check(a, aView, rows, inner)
    check(b, bView, columns, inner)
    check(c, cView, rows, columns)
    withMemory(a, b, &c) { memory in
      share(rows, products: rows * inner * columns) { i in
        let row = memory.a + aView.start + i * aView.rowStride
        for j in 0..<columns {
          let other = memory.b + bView.start + j * bView.rowStride
          memory.c[cView.start + i * cView.rowStride + j * cView.columnStride] +=
            Self.dot(row, other, inner)
        }
      }
    }
  }

  /// `Σ a[k] · b[k]` in four running sums.
  private static func dot(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    var sums = SIMD4<Double>.zero
    let whole = count & ~3
    var k = 0
    while k < whole {
      sums +=
        SIMD4(a[k], a[k + 1], a[k + 2], a[k + 3]) * SIMD4(b[k], b[k + 1], b[k + 2], b[k + 3])
      k += 4
    }
    var sum = sums.sum()
    while k < count {
      sum += a[k] * b[k]
      k += 1
    }
    return sum
  }

  /// Calls `body` for every part; a thread takes every `threads`-th.
  private func share(_ parts: Int, products: Int, _ body: @Sendable (Int) -> Void) {
    let threads = products < Self.parallelProducts ? 1 : min(threads, parts)
    if threads <= 1 {
      for part in 0..<parts { body(part) }
    } else {
      Threads.perform(threads) { first in
        for part in stride(from: first, to: parts, by: threads) { body(part) }
      }
    }
  }

  private func check(_ numbers: [Double], _ view: MatrixView, _ rows: Int, _ columns: Int) {
    let last = view.start + (rows - 1) * view.rowStride + (columns - 1) * view.columnStride
    precondition(view.start >= 0 && last < numbers.count, "a matrix reaches beyond its numbers")
  }

  /// The memory of three matrices, to be handed to threads.
  ///
  /// Invariant: alive while a product is computed; each thread writes rows of *c* of its own.
  private struct Memory: @unchecked Sendable {
    let a: UnsafePointer<Double>
    let b: UnsafePointer<Double>
    let c: UnsafeMutablePointer<Double>
  }

  private func withMemory(
    _ a: [Double], _ b: [Double], _ c: inout [Double], _ body: (Memory) -> Void
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          body(Memory(a: a, b: b, c: c))
        }
      }
    }
  }
}
