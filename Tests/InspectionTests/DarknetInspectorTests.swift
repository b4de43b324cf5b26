import Darknet
import FileSupport
import TestSupport
import Testing

@testable import Inspection

struct DarknetInspectorTests {
  let bench: Bench
  private let plain = DarknetInspector(dialect: .alexeyab)

  init() throws {
    bench = try Bench()
    try bench.put()
  }

  @Test func cfgAlone() throws {
    let summary = try plain.summary(config: ConfigText(contentsOf: bench.path("m.cfg")))
    #expect(summary.format == "darknet-cfg")
    #expect(summary.status == nil && summary.header == nil && summary.expectedBytes == nil)
    #expect(summary.inputShape == [3, 8, 8])
    #expect(summary.parameterCount == 204)
    #expect(summary.layers.map(\.name) == ["convolutional_0", "convolutional_1"])
    #expect(summary.layers.map(\.outputShape) == [[4, 8, 8], [16, 8, 8]])
    #expect(summary.layers.map(\.flops) == [2 * 64 * 4 * 27, 2 * 64 * 16 * 4])
    #expect(summary.layers[0].parameters.allSatisfy { $0.offset == nil && $0.sha256 == nil })
  }

  @Test func complete() throws {
    let (summary, failure) = try plain.summary(
      weights: InputFile(path: bench.path("m.weights")),
      config: ConfigText(contentsOf: bench.path("m.cfg")))
    #expect(failure == nil)
    #expect(summary.status == .complete)
    #expect(summary.bytes == 836 && summary.expectedBytes == 836)
    #expect(summary.header?.seen == 7)
    #expect(
      summary.layers[0].parameters.map(\.name)
        == ["biases", "scales", "rolling_mean", "rolling_variance", "weights"])
    #expect(summary.layers.flatMap(\.parameters).map(\.offset) == [20, 36, 52, 68, 84, 516, 580])
    #expect(summary.layers.map(\.parameterCount) == [124, 80])
  }

  @Test func digestsAndStatistics() throws {
    let inspector = DarknetInspector(
      dialect: .alexeyab, computesDigests: true, computesStatistics: true)
    let (summary, _) = try inspector.summary(
      weights: InputFile(path: bench.path("m.weights")),
      config: ConfigText(contentsOf: bench.path("m.cfg")))
    let biases = try #require(summary.layers[1].parameters.first)
    #expect(try biases.sha256 == digest((125...140).flatMap { bytes(of: Float($0)) }))
    let statistics = try #require(biases.statistics)
    #expect((statistics.count, statistics.zeros) == (16, 0))
    #expect((statistics.minimum, statistics.maximum) == (125, 140))
    #expect(statistics.mean == 132.5)
    #expect(summary.warnings == [])
  }

  @Test func whatIsUnhealthyIsTold() throws {
    let numbers = (1...204).flatMap { bytes(of: $0 == 14 ? -1 : Float($0)) }
    try bench.write("m.weights", WeightsHeader(.third, seen: 7).bytes + numbers)
    let inspector = DarknetInspector(dialect: .alexeyab, computesStatistics: true)
    let (summary, failure) = try inspector.summary(
      weights: InputFile(path: bench.path("m.weights")),
      config: ConfigText(contentsOf: bench.path("m.cfg")))
    #expect(failure == nil)
    #expect(summary.status == .complete)
    #expect(summary.warnings.count == 1)
    #expect(
      summary.warnings.first?.places
        == [.layer(index: 0, type: "convolutional"), .array("rolling_variance")])
  }

  @Test(arguments: [
    (20, Summary.Status.partial, 0 as Int?), (516, .partial, 1), (600, .truncated, nil),
    (19, .truncated, nil), (0, .truncated, nil),
  ])
  func cut(count: Int, status: Summary.Status, layers: Int?) throws {
    let whole = WeightsHeader(.third, seen: 7).bytes + (1...204).flatMap { bytes(of: Float($0)) }
    try bench.write("m.weights", Array(whole.prefix(count)))
    let inspector = DarknetInspector(
      dialect: .alexeyab, computesDigests: true, computesStatistics: true)
    let (summary, failure) = try inspector.summary(
      weights: InputFile(path: bench.path("m.weights")),
      config: ConfigText(contentsOf: bench.path("m.cfg")))
    #expect(summary.status == status)
    #expect(summary.layersLoaded == layers)
    #expect((failure == nil) == status.isSound)
    // Only arrays that are there have a digest.
    let present = summary.layers.flatMap(\.parameters).filter { $0.sha256 != nil }
    #expect(present.allSatisfy { ($0.offset ?? .max) + $0.bytes <= UInt64(count) })
    #expect(present.count == (count == 516 ? 5 : count == 600 ? 6 : 0))
  }

  @Test func trailing() throws {
    let whole = WeightsHeader(.third, seen: 7).bytes + (1...205).flatMap { bytes(of: Float($0)) }
    try bench.write("m.weights", whole)
    let (summary, failure) = try plain.summary(
      weights: InputFile(path: bench.path("m.weights")),
      config: ConfigText(contentsOf: bench.path("m.cfg")))
    #expect(summary.status == .trailing)
    #expect(summary.trailingBytes == 4)
    #expect(failure?.kind == .damaged)
  }

  @Test func weightsAlone() throws {
    let summary = try plain.summary(weightsAlone: InputFile(path: bench.path("m.weights"))).summary
    #expect(summary.status == .unverified)
    #expect(summary.parameterCount == 204)
    #expect(summary.layers.isEmpty)
    try bench.write("odd.weights", WeightsHeader(.third, seen: 7).bytes + [1, 2, 3])
    #expect(
      try plain.summary(weightsAlone: InputFile(path: bench.path("odd.weights"))).summary.warnings
        .count == 1)
  }
}
