import Testing

@testable import Inspection

/// Statistics by their definitions, over all numbers at once.
private struct Naive {
  let mean: Double
  let deviation: Double

  init(_ values: [Double]) {
    let finite = values.filter(\.isFinite)
    let mean = finite.reduce(0, +) / Double(finite.count)
    self.mean = mean
    deviation =
      (finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(finite.count)).squareRoot()
  }
}

struct StatisticsTests {
  private func statistics(_ bands: [Double]...) -> Statistics {
    var result = Statistics()
    for band in bands { result.add(band) }
    return result
  }

  @Test func empty() {
    let result = statistics([])
    #expect(result.count == 0)
    #expect(result.minimum.isNaN && result.maximum.isNaN)
    #expect(result.mean.isNaN && result.deviation.isNaN)
  }

  @Test func oneNumber() {
    let result = statistics([-3])
    #expect((result.minimum, result.maximum) == (-3, -3))
    #expect((result.mean, result.deviation) == (-3, 0))
  }

  @Test func whatIsNoNumberIsCountedApart() {
    let result = statistics([.nan, 2, -.infinity], [0, .infinity, .nan, 4, -0.0])
    #expect(result.count == 8)
    #expect((result.nans, result.infinities, result.zeros) == (2, 2, 2))
    #expect((result.minimum, result.maximum) == (0, 4))
    #expect(result.mean == 1.5)
    #expect(abs(result.deviation - 2.75.squareRoot()) < 1e-15)
  }

  @Test func nothingButNaN() {
    let result = statistics([.nan, .nan])
    #expect(result.nans == 2)
    #expect(result.minimum.isNaN && result.mean.isNaN && result.deviation.isNaN)
  }

  @Test(arguments: [0, 1e-6, 1, 1e6, 1e9], [1e-3, 1, 1e4])
  func againstTheDefinition(center: Double, spread: Double) {
    var random = SystemRandomNumberGenerator()
    let values = (0..<5000).map { _ in center + spread * Double.random(in: -1...1, using: &random) }
    let result = statistics(Array(values[..<17]), Array(values[17..<4000]), Array(values[4000...]))
    let expected = Naive(values)
    #expect(result.minimum == values.min())
    #expect(result.maximum == values.max())
    #expect(abs(result.mean - expected.mean) <= 1e-12 * (abs(center) + spread))
    // The naive mean itself is rounded, far from 0.
    #expect(abs(result.deviation - expected.deviation) <= 1e-9 * spread + 1e-15 * abs(center))
  }
}

struct HealthTests {
  private func complaints(_ name: String, _ values: [Double]) -> [String] {
    var statistics = Statistics()
    statistics.add(values)
    return Health.complaints(name: name, statistics)
  }

  @Test func sound() {
    #expect(complaints("weights", [0, 1, -1]) == [])
    #expect(complaints("rolling_variance", [0, 1]) == [])
    #expect(complaints("weights", []) == [])
  }

  @Test func noNumbers() {
    #expect(complaints("weights", [.nan, 1]) == ["1 of 2 is NaN"])
    #expect(complaints("weights", [.nan, .nan, 1]) == ["2 of 3 are NaN"])
    #expect(complaints("biases", [.infinity, -.infinity]) == ["2 of 2 are infinite"])
  }

  @Test(arguments: ["rolling_variance", "moving_variance", "input_z.rolling_variance"])
  func negativeVariance(name: String) {
    #expect(complaints(name, [1, -2]).first?.hasPrefix("a variance is negative (-2.0)") == true)
    #expect(complaints("rolling_mean", [1, -2]) == [])
  }

  @Test(arguments: ["weights", "scales", "kernel", "depthwise_kernel", "gamma", "moving_variance"])
  func zerosThatMakeALayerUseless(name: String) {
    #expect(complaints(name, [0, 0]) == ["all 2 are 0"])
    #expect(complaints(name, [0]) == [])
  }

  @Test(arguments: ["biases", "bias", "beta", "rolling_mean", "moving_mean", "iterations"])
  func zerosToStartFrom(name: String) {
    #expect(complaints(name, [0, 0]) == [])
  }

  @Test func optimizersMayHoldZeros() {
    var zeros = Statistics()
    zeros.add([0, 0])
    #expect(Health.complaints(path: "/model_weights/dense/dense/kernel:0", zeros) != [])
    #expect(Health.complaints(path: "/optimizer_weights/Adam/m/dense/kernel:0", zeros) == [])
  }

  @Test func magnitude() {
    #expect(complaints("weights", [1e11, 0]).count == 1)
    #expect(complaints("weights", [-1e11, 0]).count == 1)
    #expect(complaints("weights", [9e9, -9e9]) == [])
  }
}
