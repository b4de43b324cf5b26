import FileSupport
import ModelGraph

/// Means of windows that no pooling of this darknet computes: sums of products by 1/n, n being the cells of a window.
///
/// Windows that see fewer cells at the border have another n there. Sums by each n are computed everywhere; where one
/// does not hold, 2¹⁰⁰ is subtracted before a ReLU, so that only the right one is left. The rounding of 1/n is the
/// only difference, as long as no mean is above 2¹⁰⁰.
enum MeansAsConvolutions: RewritingRule {
  static let name = "means as convolutions"
  /// More numbers of cells that windows see are too many sums.
  private static let mostCounts = 32

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let pooling = operation as? Pooling, pooling.rule == .average, let input = inputs.first,
      pooling.window.size.count == 2, pooling.window.dilation == [1, 1]
    else { return nil }
    let window = pooling.window
    let shape = rewriting.shape(of: input)
    let spatial = Array(shape.extents.prefix(2))
    if input.hasNoMargins, hasSection(window, spatial, rewriting.dialect) { return nil }
    let result = try window.outputExtents(of: spatial)
    let cells = Shape(window.size).elementCount
    guard (result + [cells]).allSatisfy({ $0 <= Rewriting.longest }) else { return nil }
    let counts = (0..<2).map {
      window.cellCounts(axis: $0, of: spatial[$0], windows: result[$0])
    }
    let products = Set(counts[0].flatMap { row in counts[1].map { row * $0 } }).sorted()
    guard let most = products.last, products[0] > 0 else { return nil }
    if most == 1 { return try rewriting.apply(Pooling(.maximum, window: window), to: [input]) }
    if products == [cells] {
      let kernel = [Float](repeating: 1 / Float(most), count: cells)
      return try rewriting.apply(
        rewriting.perChannel(
          [kernel], channels: shape.extents[2], size: window.size, strides: window.strides,
          padding: window.padding), to: [input])
    }
    guard products.count <= mostCounts else { return nil }
    let image = Place(try rewriting.value(of: input))
    return try bordered(window, image, channels: shape.extents[2], counts: products, rewriting)
  }

  private static func hasSection(
    _ window: Window, _ spatial: [Int], _ dialect: Dialect
  ) -> Bool {
    if window.size == spatial, window.padding.allSatisfy({ $0.total == 0 }) { return true }
    return LocalAveragePool.dialects.contains(dialect)
      && PoolPlacement(window, over: spatial, in: dialect) != nil
  }

  /// The mean where windows see different numbers of cells.
  private static func bordered(
    _ window: Window, _ image: Place, channels: Int, counts: [Int], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place {
    let cells = Shape(window.size).elementCount
    // A ReLU passes only one of a mean and its negative.
    let signs: [Float] = rewriting.range(of: image).isNeverNegative ? [1] : [1, -1]
    let kernels = counts.flatMap { count in
      signs.map { [Float](repeating: $0 / Float(count), count: cells) }
    }
    let means = try rewriting.apply(
      rewriting.perChannel(
        kernels, channels: channels, size: window.size, strides: window.strides,
        padding: window.padding), to: [image])
    let spatial = rewriting.shape(of: image).extents.prefix(2)
    let key = "counts \(spatial) \(window) \(signs.count) \(channels)"
    let floor = try rewriting.shared(key) { () throws(ModelFileError) in
      try wrongCounts(window, image, channels: channels, counts: counts, signs.count, rewriting)
    }
    let left = try rewriting.apply(Elementwise(.sum), to: [means, floor])
    let positive = try rewriting.apply(Activation(.relu(maximum: nil)), to: [left])
    return try rewriting.apply(
      rewriting.joining(
        counts.flatMap { _ in signs }, count: kernels.count, channels: channels, axes: 2),
      to: [positive])
  }

  /// For each mean of each channel: 0 where its count is that of the window, −2¹⁰⁰ and less elsewhere.
  private static func wrongCounts(
    _ window: Window, _ image: Place, channels: Int, counts: [Int], _ signs: Int,
    _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place {
    let ones = try rewriting.ones(like: image)
    let cells = Shape(window.size).elementCount
    // How far the count is above and below each of the counts.
    let kernels = counts.flatMap { _ in
      [[Float](repeating: 1, count: cells), [Float](repeating: -1, count: cells)]
    }
    let distances = try rewriting.apply(
      Activation(.relu(maximum: nil)),
      to: [
        try rewriting.apply(
          rewriting.perChannel(
            kernels, channels: 1, size: window.size, strides: window.strides,
            padding: window.padding, biases: counts.flatMap { [-Float($0), Float($0)] }),
          to: [ones])
      ])
    let factors = counts.indices.flatMap { own in
      (0..<signs).map { _ in
        counts.indices.flatMap { other in
          [Float](repeating: other == own ? -Rewriting.large : 0, count: 2)
        }
      }
    }
    return try rewriting.apply(
      rewriting.perPixel(
        to: channels.clampedProduct(factors.count), factors: factors,
        offsets: factors.map { _ in 0 }),
      to: [distances])
  }
}
