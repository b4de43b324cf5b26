/// How far two values are apart.
struct ValueGap {
  /// The largest difference of two numbers. One that is none, or infinite, on one side only is infinitely far from the
  /// other's; so are values of other shapes.
  let absolute: Double
  /// The same, relative to `1 + max |reference|`.
  let relative: Double
  /// `max |reference|` of what is finite.
  let signal: Double

  /// The gap of numbers from the reference's, which stand in the same order.
  init(_ reference: [Float], _ candidate: [Float]) {
    let scale = Magnitudes.scale(of: reference)
    signal = scale - 1
    var gap = reference.count == candidate.count ? 0 : Double.infinity
    if gap == 0, !Self.areSame(reference, candidate) {
      for (a, b) in zip(reference, candidate) where a.bitPattern != b.bitPattern {
        if a.isNaN && b.isNaN { continue }
        let difference = abs(Double(a) - Double(b))
        gap = difference.isNaN ? .infinity : max(gap, difference)
      }
    }
    absolute = gap
    relative = gap / scale
  }

  /// Whether the numbers are the same to the bit.
  static func areSame(_ a: [Float], _ b: [Float]) -> Bool {
    guard a.count == b.count else { return false }
    return a.withUnsafeBufferPointer { x in
      b.withUnsafeBufferPointer { y in
        // Without a way out, because the compiler makes vector instructions of it.
        var difference: UInt32 = 0
        for index in x.indices { difference |= x[index].bitPattern ^ y[index].bitPattern }
        return difference == 0
      }
    }
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
