#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The scalar functions that more than one kernel needs, in double precision.
enum Formula {
  /// `1 / (1 + e⁻ˣ)`
  static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// `tanh x`
  static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

  /// `eˣ`
  static func exponential(_ x: Double) -> Double { exp(x) }

  /// `ln(1 + eˣ)`; *x* itself above 20 and `eˣ` below −20, as darknet has it.
  static func softplus(_ x: Double) -> Double {
    if x > 20 { return x }
    return x < -20 ? exp(x) : log(exp(x) + 1)
  }

  /// `⌊x⌋`
  static func floored(_ x: Double) -> Double { x.rounded(.down) }

  /// `e^((xᵢ − max x) / T) / Σ e^((xₖ − max x) / T)`
  static func softmax(_ x: [Double], temperature: Double = 1) -> [Double] {
    var largest = -Double(Float.greatestFiniteMagnitude)
    for value in x where value > largest { largest = value }
    let powers = x.map { exp(($0 - largest) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// A softmax of its own over each stretch of `x`.
  static func softmax(_ x: [Double], sizes: [Int], temperature: Double = 1) -> [Double] {
    var start = 0
    var result: [Double] = []
    for size in sizes {
      result += softmax(Array(x[start..<(start + size)]), temperature: temperature)
      start += size
    }
    return result
  }

  /// `xʸ`
  static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
}
