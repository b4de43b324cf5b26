import Darknet
import FileSupport
import Inference
import ModelGraph
import TestSupport
import Testing

@testable import Validation

/// Faults that only the values of a single layer show, in networks in which rounding grows from layer to layer.
@Suite struct ForwardTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private static let head = "[net]\nwidth=6\nheight=6\nchannels=2\n"
  private static let layer =
    "[convolutional]\nbatch_normalize=1\nfilters=2\nsize=3\npad=1\nactivation=leaky\n"
  private static let numbersOfLayer = 2 * 4 + 2 * 2 * 9

  /// Of both signs.
  private func weights(layers: Int) -> [Float] {
    (0..<layers).flatMap { layer -> [Float] in
      var values = numbers((layer + 1) * Self.numbersOfLayer).suffix(Self.numbersOfLayer).map {
        ($0 - 1) / 2
      }
      values.replaceSubrange(2..<4, with: [1, 1.5])
      values.replaceSubrange(6..<8, with: [1, 0.5])
      return values
    }
  }

  /// Layers enough for roundings to add up.
  private func deep(_ route: String) -> String {
    Self.head + String(repeating: Self.layer, count: 30) + route
      + "[convolutional]\nfilters=1\nactivation=linear\n"
  }

  @Test func swappedInputsOfAConcatenation() throws {
    let values = weights(layers: 30) + [0, 1, -1, 0.5, 2]
    try bench.put("a", deep("[route]\nlayers=-1,-2\n"), values)
    try bench.put("b", deep("[route]\nlayers=-2,-1\n"), values)
    let report = try bench.compare(bench.model("a"), bench.model("b"))
    #expect(report.layers.filter { !$0.matches }.map(\.name) == ["route_30"])
    #expect(report.layers.allSatisfy { $0.tolerance < 1e-5 })
  }

  /// All weights are positive, so that nothing from 0 to 1 becomes negative.
  @Test func firstActivation() throws {
    let cfg = Self.head + "[convolutional]\nfilters=2\nsize=1\nactivation=relu\n"
    try bench.put("a", cfg, [0, 0, 1, 2, 3, 4])
    try bench.put("b", cfg.replacing("relu", with: "leaky"), [0, 0, 1, 2, 3, 4])
    let report = try bench.compare(bench.model("a"), bench.model("b"))
    #expect(report.layers.map(\.matches) == [false])
  }

  /// Behind a layer that happens to put out no negative number, only made-up values tell. If it can't put out any, what
  /// follows may rely on it.
  @Test(arguments: [("linear", false), ("relu", true)])
  func hiddenActivation(before: String, isSame: Bool) throws {
    let first = "[convolutional]\nfilters=2\nsize=1\nactivation=\(before)\n"
    let second = "[activation]\nactivation=leaky\n"
    let values: [Float] = [1000, 1000, 1, 2, 3, 4]
    try bench.put("a", Self.head + first + second, values)
    try bench.put(
      "b", Self.head + first + second.replacing("leaky", with: "relu"), values)
    let report = try bench.compare(bench.model("a"), bench.model("b"))
    #expect(report.layers.map(\.matches) == [true, isSame])
    #expect(!report.matches)
    #expect(report.layers[1].propagated?.maximumAbsolute == 0)
  }

  /// A channel that an input revives is proved, one that none does is not.
  @Test func deadChannels() throws {
    let cfg = Self.head + "[convolutional]\nfilters=3\nsize=1\nactivation=relu\n"
    try bench.put("a", cfg, [-1e6, -20, 0, 1, 1, 1, 1, 1, 1])
    let report = try bench.compare(bench.model("a"), bench.model("a"))
    #expect(report.matches)
    #expect(
      report.notProved.contains("convolutional_0: no input that was tried changes channels 0 of 3"))
  }

  @Test func sharedReadings() throws {
    let cfg = Self.head + Self.layer
    try bench.put("a", cfg, weights(layers: 1))
    let weights = try bench.model("a")
    let alike = try bench.compare(weights, weights)
    #expect(
      alike.notProved == [
        "the architecture: \(bench.path("a.cfg")) describes both",
        "what both sides share: the reader of .weights (parameters), "
          + "the reader of cfgs (graph), the engine reference (numbers)",
      ])
    let other = try bench.compare(weights, bench.convert("a", .alexeyab))
    #expect(other.matches)
    #expect(
      other.notProved == ["what both sides share: the engine reference (numbers)"])
    let independent = other.json["evidence"]?["independent"]
    #expect(independent?["bytes"] == .bool(true) && independent?["graph"] == .bool(true))
    #expect(independent?["numbers"] == .bool(false))
  }

  /// An output that rounding by itself explains may still depart by what is propagated; then that is what is told.
  @Test func whatDecides() {
    let propagated = ComparisonReport.Layer.Propagated(
      maximumAbsolute: 0.5, maximumRelative: 0.25, tolerance: 0.125)
    let layer = { (relative: Double) in
      ComparisonReport.Layer(
        name: "a", maximumAbsolute: 2 * relative, maximumRelative: relative, tolerance: 0.0625,
        propagated: propagated, matches: false)
    }
    #expect(
      layer(0).sentence == "a: values differ by up to 0.5, relative 0.25, allowed 0.125")
    #expect(
      layer(0.5).sentence == "a: values differ by up to 1.0, relative 0.5, allowed 0.0625")
  }

  @Test func channelsAsText() {
    var activity = ChannelActivity(.channelsLast)
    let row: [Float] = [0, 1, 2, 3, 4]
    activity.note(Tensor(shape: [1, 2, 5], values: row + [0, 1, 9, 3, 4]))
    #expect(activity.text == "0–1, 3–4 of 5")
    activity.note(Tensor(shape: [1, 1, 5], values: [0, 2, 2, 3, 5]))
    #expect(activity.text == "0, 3 of 5")
  }

  /// What a value is computed from ends at what is known, but for a further value of a known one.
  @Test func segments() throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "x", shape: [3])
    let a = try builder.add(Activation(.relu(maximum: nil)), name: "a", inputs: [input])
    let b = try builder.add(Activation(.tanh), name: "b", inputs: [a])
    let c = try builder.add(Elementwise(.sum), name: "c", inputs: [b, input])
    let graph = builder.finish()
    let segment = Segment(of: graph, to: c, from: [a, c])
    #expect(segment.sources == [input, a] && segment.nodes.map { $0.id } == [b, c])
    let value = try SegmentRun(segment, engine: ReferenceEngine(), path: "m").value(
      of: [Tensor(shape: [1, 3], values: [1, 2, 3]), Tensor(shape: [1, 3], values: [0, 0, 0])])
    #expect(value.values == [1, 2, 3])
  }
}
