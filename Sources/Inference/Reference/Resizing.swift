import FileSupport
import ModelGraph

extension Resizing: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let (height, width) = (image.shape.extents[2], image.shape.extents[3])
    let rows = (0..<size[0]).map { cells(at: $0, of: size[0], in: height) }
    let columns = (0..<size[1]).map { cells(at: $0, of: size[1], in: width) }
    let parts = node.batch * node.imageShape.channels
    return node.imageResult(
      node.workers.fill(parts: parts, of: rows.count * columns.count) { part, run in
        // The sum along the columns is linear, so it is taken of a row that is already summed.
        var line = [Double](repeating: 0, count: width)
        for (y, row) in rows.enumerated() {
          for x in 0..<width { line[x] = 0 }
          for (cell, weight) in zip(row.first..., row.weights) {
            let start = (part * height + cell) * width
            for x in 0..<width { line[x] += weight * Double(image.values[start + x]) }
          }
          for (x, column) in columns.enumerated() {
            var sum = 0.0
            for (cell, weight) in zip(column.first..., column.weights) {
              sum += weight * line[cell]
            }
            run[y * columns.count + x] = Scalar(sum)
          }
        }
      })
  }

  /// Neighbouring cells with their weights.
  private struct Cells {
    let first: Int
    let weights: [Double]
  }

  /// The cells of `extent` that cell `position` of `count` is summed from.
  ///
  /// Their places are worked out in single precision, as TensorFlow does it: which cell is the nearest
  /// depends on it.
  private func cells(at position: Int, of count: Int, in extent: Int) -> Cells {
    let scale = Float(extent) / Float(count)
    let middle = (Float(position) + 0.5) * scale
    switch interpolation {
    case .nearest:
      return Cells(first: min(Int(middle.rounded(.down)), extent - 1), weights: [1])
    case .bilinear: return Self.bilinear(middle - 0.5, extent)
    case .bicubic: return Self.bicubic(middle - 0.5, extent)
    case .lanczos3: return Self.lanczos(position, radius: 3, count, extent)
    case .lanczos5: return Self.lanczos(position, radius: 5, count, extent)
    }
  }

  private static func bilinear(_ place: Float, _ extent: Int) -> Cells {
    let below = place.rounded(.down)
    let cell = Int(below)
    if cell < 0 { return Cells(first: 0, weights: [1]) }
    if cell >= extent - 1 { return Cells(first: extent - 1, weights: [1]) }
    let share = Double(place - below)
    return Cells(first: cell, weights: [1 - share, share])
  }

  private static func bicubic(_ place: Float, _ extent: Int) -> Cells {
    let below = place.rounded(.down)
    let cell = Int(below)
    let share = Double(((place - below) * 1024).rounded(.toNearestOrEven)) / 1024
    let weights = [far(1 + share), near(share), near(1 - share), far(2 - share)]
    return normalized(weights, first: cell - 1, extent)
  }

  private static func near(_ d: Double) -> Double { (3 * d - 5) * d * d / 2 + 1 }

  private static func far(_ d: Double) -> Double { ((5 - d) * d - 8) * d / 2 + 2 }

  private static func lanczos(
    _ position: Int, radius: Float, _ count: Int, _ extent: Int
  ) -> Cells {
    // Here the scale is the inverse of a rounded inverse (`scale_and_translate_op.cc`).
    let middle = (Float(position) + 0.5) * (1 / (Float(count) / Float(extent)))
    let first = Int((middle - radius - 0.5).rounded(.up))
    let last = Int((middle + radius - 0.5).rounded(.down))
    let weights = (first...max(first, last)).map { cell in
      Formula.lanczos(abs(Double(Float(cell) + 0.5 - middle)), radius: Double(radius))
    }
    return normalized(weights, first: first, extent)
  }

  /// The weights of the cells that exist, divided by their sum.
  private static func normalized(_ weights: [Double], first: Int, _ extent: Int) -> Cells {
    let kept = weights.indices.filter { (0..<extent).contains(first + $0) }
    guard let start = kept.first else { return Cells(first: 0, weights: []) }
    let sum = kept.reduce(0) { $0 + weights[$1] }
    return Cells(first: first + start, weights: kept.map { weights[$0] / sum })
  }
}
