import Darknet
import Foundation
import Inference
import ModelGraph
import TestSupport
import Testing

@testable import Validation

@Suite struct ToleranceTests {
  let bench: Bench
  static let epsilon = 0x1p-23

  init() throws {
    bench = try Bench()
  }

  /// The tolerance that is propagated to each layer, for weights of these numbers.
  private func tolerances(_ cfg: String, _ values: [Float]) throws -> [Double] {
    try bench.put("a", cfg, values)
    let model = try bench.model("a")
    let engine = ReferenceEngine()
    let byNode = try PropagatedTolerance(model, model, try ModelPairing(model, model)).whole(
      try Comparison(model, model, engine: engine).inputs(seed: 1), in: model.layout,
      engine: engine)
    return model.layers.compactMap { layer in layer.value.flatMap { byNode[$0.node] } }
  }

  /// A layer's own tolerance has nothing of the layers before it, and nothing of what is not seen.
  @Test func ofLayersAlone() throws {
    let cfg =
      "[net]\ninputs=16\n[connected]\noutput=1\nactivation=linear\n"
      + "[connected]\noutput=4\nactivation=linear\n"
    try bench.put("a", cfg, numbers(25))
    let report = try bench.compare(bench.model("a"), bench.model("a"))
    #expect(report.layers.map(\.tolerance) == [8 * Self.epsilon, 2 * Self.epsilon])
    #expect(report.outputs.compactMap(\.values?.propagated?.tolerance) == [10 * Self.epsilon])
  }

  @Test func sumsGrowWithTheRootOfTheirTerms() throws {
    let cfg = "[net]\ninputs=16\n[connected]\noutput=1\nactivation=linear\n"
    #expect(try tolerances(cfg, numbers(17)) == [8 * Self.epsilon])
    let two = cfg + "[connected]\noutput=4\nactivation=linear\n"
    #expect(try tolerances(two, numbers(25)) == [8 * Self.epsilon, 10 * Self.epsilon])
  }

  /// What a large number's rounding does to a function that is steep where the number is small.
  @Test func squashedLargeNumbers() throws {
    let cfg = "[net]\ninputs=4\n[connected]\noutput=2\nactivation=tanh\n"
    var values = [Float](repeating: 0, count: 10)
    values[0] = 99
    // The sum may be off by 4 ε (1 + 99), and so may its tanh, on a scale of 1 + 1.
    #expect(try tolerances(cfg, values) == [(4 * 100 / 2 + 2) * Self.epsilon])
    let logistic = cfg.replacing("tanh", with: "logistic")
    #expect(try tolerances(logistic, values) == [(4 * 100 / 4 / 2 + 2) * Self.epsilon])
    let softmax = cfg.replacing("tanh", with: "linear") + "[softmax]\n"
    #expect(try tolerances(softmax, values)[1] == (4 * 100 / 2 / 2 + 2) * Self.epsilon)
  }

  /// A small variance makes the rounding of a large mean visible.
  @Test func normalizedLargeMeans() throws {
    let cfg = """
      [net]
      width=2
      height=2
      channels=1
      [convolutional]
      batch_normalize=1
      filters=1
      activation=linear
      """
    // β = 0, γ = 1, mean 100, variance 0.01, weight 0: 0 → −1000 is no amplification of anything.
    let dead = try tolerances(cfg, [0, 1, 100, 0.01, 0])
    #expect(dead == [4 * Self.epsilon])
    let alive = try tolerances(cfg, [0, 1, 100, 0.01, 100])
    #expect(alive[0] > 4 * Self.epsilon)
  }

  @Test func means() throws {
    let cfg = "[net]\nwidth=8\nheight=8\nchannels=1\n[avgpool]\n"
    #expect(try tolerances(cfg, []) == [16 * Self.epsilon])
  }

  @Test func factorsAddUp() throws {
    let cfg = """
      [net]
      width=1
      height=1
      channels=1
      [convolutional]
      activation=linear
      [convolutional]
      activation=linear
      [sam]
      from=0
      activation=linear
      """
    // 2, then 4, then 2 + 4 and the rounding of the product.
    #expect(try tolerances(cfg, numbers(4)) == [2, 4, 8].map { $0 * Self.epsilon })
  }

  /// float32 sums in three orders stay within the tolerance that the rule gives a layer of 64 numbers.
  @Test(arguments: [9, 144, 1152, 4608])
  func ordersOfSummation(count: Int) {
    var generator = Numbers()
    var largest = 0.0
    var gap = 0.0
    for _ in 0..<64 {
      let terms = (0..<count).map { _ in
        Float.random(in: -1...1, using: &generator) * Float.random(in: 0...1, using: &generator)
      }
      let exact = terms.reduce(0.0) { $0 + Double($1) }
      let lanes = (0..<8).map { lane in
        stride(from: lane, to: count, by: 8).reduce(Float(0)) { $0 + terms[$1] }
      }
      largest = max(largest, abs(exact))
      for order in [terms, terms.reversed(), lanes] {
        gap = max(gap, abs(Double(order.reduce(Float(0), +)) - exact))
      }
    }
    #expect(gap / (1 + largest) < 2 * Self.epsilon * Double(count).squareRoot())
  }
}

/// Numbers that are the same in every run.
private struct Numbers: RandomNumberGenerator {
  private var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}
