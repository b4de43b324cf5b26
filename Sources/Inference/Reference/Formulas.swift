#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The scalar functions that more than one kernel needs, in double precision.
package enum Formula {
  /// `1 / (1 + e⁻ˣ)`
  package static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// `tanh x`
  package static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

  /// `eˣ`
  package static func exponential(_ x: Double) -> Double { exp(x) }

  /// `ln(1 + eˣ)`; *x* itself above 20 and `eˣ` below −20, as darknet has it.
  package static func softplus(_ x: Double) -> Double {
    if x > 20 { return x }
    return x < -20 ? exp(x) : log(exp(x) + 1)
  }

  /// `ln(1 + eˣ)` without darknet's cuts, accurate for every *x*.
  package static func stableSoftplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  /// `eˣ − 1`, accurate near 0
  package static func exponentialLessOne(_ x: Double) -> Double { expm1(x) }

  /// `Φ(x) = (1 + erf(x / √2)) / 2`, accurate where it is small
  package static func normalDistribution(_ x: Double) -> Double { erfc(-x / 2.squareRoot()) / 2 }

  /// `φ(x) = e^(−x²/2) / √(2π)`
  package static func normalDensity(_ x: Double) -> Double {
    exp(-x * x / 2) / (2 * .pi).squareRoot()
  }

  /// `⌊x⌋`
  package static func floored(_ x: Double) -> Double { x.rounded(.down) }

  /// `e^((xᵢ − max x) / T) / Σ e^((xₖ − max x) / T)`
  package static func softmax(_ x: [Double], temperature: Double = 1) -> [Double] {
    var largest = -Double(Float.greatestFiniteMagnitude)
    for value in x where value > largest { largest = value }
    let powers = x.map { exp(($0 - largest) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// A softmax of its own over each stretch of `x`.
  package static func softmax(_ x: [Double], sizes: [Int], temperature: Double = 1) -> [Double] {
    var start = 0
    var result: [Double] = []
    for size in sizes {
      result += softmax(Array(x[start..<(start + size)]), temperature: temperature)
      start += size
    }
    return result
  }

  /// `cos x`
  package static func cosine(_ x: Double) -> Double { cos(x) }

  /// `ln x`
  package static func logarithm(_ x: Double) -> Double { log(x) }

  /// `arctan x`
  package static func arctangent(_ x: Double) -> Double { atan(x) }

  /// `xʸ`
  package static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }

  /// What is left of `x` when `y` is taken off as often as it goes in, of the sign of `y`
  /// (`tensorflow/core/kernels/cwise_ops.h: google_floor_fmod`).
  package static func remainder(_ x: Double, _ y: Double) -> Double {
    let rest = x.truncatingRemainder(dividingBy: y)
    return rest != 0 && (y < 0) != (rest < 0) ? rest + y : rest
  }

  /// The larger of two numbers; NaN if one of them is.
  package static func larger(_ x: Double, _ y: Double) -> Double { x > y || x.isNaN ? x : y }

  /// The smaller of two numbers; NaN if one of them is.
  package static func smaller(_ x: Double, _ y: Double) -> Double { x < y || x.isNaN ? x : y }

  /// `sinc(d) · sinc(d / radius)` within the radius, `sinc(d) = sin(πd) / (πd)`; 1 close to 0.
  package static func lanczos(_ d: Double, radius: Double) -> Double {
    if d > radius { return 0 }
    if d <= 1e-3 { return 1 }
    return radius * sin(.pi * d) * sin(.pi * d / radius) / (.pi * .pi * d * d)
  }
}
