/// How far two values are apart.
struct ValueGap {
  /// The largest difference of two numbers. One that is none, or infinite, on one side only is infinitely far from the
  /// other's; so are values of other shapes.
  let absolute: Double
  /// The same, relative to `1 + max |reference|`.
  let relative: Double

  /// - Parameter reference: the one of the two that is right.
  init(_ values: [Float], _ others: [Float], reference: [Float]) {
    var gap = values.count == others.count ? 0 : Double.infinity
    for (a, b) in zip(values, others) where a.bitPattern != b.bitPattern {
      if a.isNaN && b.isNaN { continue }
      let difference = abs(Double(a) - Double(b))
      gap = difference.isNaN ? .infinity : max(gap, difference)
    }
    absolute = gap
    relative = gap / Magnitudes.scale(of: reference)
  }
}

extension ComparisonReport.Layer {
  /// A layer whose values are so far apart.
  init(_ name: String, _ gap: ValueGap, tolerance: Double) {
    self.init(
      name: name, maximumAbsolute: gap.absolute, maximumRelative: gap.relative,
      tolerance: tolerance, matches: gap.relative <= tolerance)
  }
}
