import Darknet
import FileSupport
import TestSupport
import Testing

@testable import Validation

@Suite struct ComparisonTests {
  /// 44 floats: 2 each of biases, scales, means and variances, 18 weights; then 2 + 4; then 12, to which
  /// nothing listens, as the last layer takes up layer 1.
  static let cfg = """
    [net]
    width=4
    height=4
    channels=1
    [convolutional]
    batch_normalize=1
    filters=2
    size=3
    pad=1
    activation=leaky
    [convolutional]
    filters=2
    activation=linear
    [convolutional]
    filters=4
    activation=linear
    [route]
    layers=1
    """

  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.put("a", Self.cfg, numbers(44))
  }

  @Test func equalModels() throws {
    let report = try bench.compare(bench.model("a"), bench.model("a"))
    #expect(report.matches)
    #expect(report.parametersCompared == 9)
    #expect(report.layers.map(\.name).first == "convolutional_0")
    #expect(report.layers.allSatisfy { $0.maximumAbsolute == 0 && $0.tolerance > 0 })
    #expect(report.firstDifference == nil)
  }

  /// One bit of one number in an array of each kind, the last one in a layer that is no output's.
  @Test(arguments: [
    (0, "convolutional_0.biases"), (3, "convolutional_0.scales"),
    (4, "convolutional_0.rolling_mean"), (7, "convolutional_0.rolling_variance"),
    (20, "convolutional_0.weights"), (27, "convolutional_1.biases"),
    (31, "convolutional_1.weights"), (40, "convolutional_2.weights"),
  ])
  func oneBit(position: Int, name: String) throws {
    var values = numbers(44)
    values[position] = Float(bitPattern: values[position].bitPattern ^ 1)
    try bench.put("b", Self.cfg, values)
    let report = try bench.compare(bench.model("a"), bench.model("b"))
    #expect(!report.matches)
    #expect(report.differingParameters.map(\.name) == [name])
    #expect(report.differingParameters.first?.differing == 1)
    #expect(report.firstDifference == name.split(separator: ".").first.map(String.init))
    // The last bit of a single number is within what float32 rounds.
    #expect(report.layers.allSatisfy { $0.matches })
  }

  /// What layers behind it make of it does not count as theirs.
  @Test func aDifferenceIsPropagated() throws {
    var values = numbers(44)
    values[30] *= 1.001
    try bench.put("b", Self.cfg, values)
    let report = try bench.compare(bench.model("a"), bench.model("b"))
    #expect(report.layers.map(\.matches) == [true, false, true, false])
    #expect(report.layers[2].maximumAbsolute == 0)
    #expect(report.layers.map { $0.propagated!.maximumAbsolute > 0 } == [false, true, true, true])
  }

  /// −0 and 0 have other bits.
  @Test func zeros() throws {
    var values = numbers(44)
    values[26] = 0
    try bench.put("a", Self.cfg, values)
    values[26] = -0.0
    try bench.put("b", Self.cfg, values)
    let report = try bench.compare(bench.model("a"), bench.model("b"))
    #expect(report.differingParameters.map(\.maximumAbsolute) == [0])
  }

  @Test func noNumbers() throws {
    var values = numbers(44)
    values[26] = .nan
    try bench.put("a", Self.cfg, values)
    try bench.put("same", Self.cfg, values)
    #expect(try bench.compare(bench.model("a"), bench.model("same")).matches)
    values[26] = 1
    try bench.put("b", Self.cfg, values)
    for (a, b) in [("a", "b"), ("b", "a")] {
      let report = try bench.compare(bench.model(a), bench.model(b))
      #expect(report.differingParameters.map(\.maximumAbsolute) == [.infinity])
      #expect(report.layers.map(\.matches) == [true, false, true, false])
      #expect(report.layers[1].maximumAbsolute == .infinity)
      #expect(report.layers[2].propagated?.maximumAbsolute == .infinity)
      let text = String(decoding: JSONWriter().bytes(of: report.json), as: UTF8.self)
      #expect(text.contains("\"max_abs\":\"Infinity\""))
    }
  }

  /// Matrices that the file holds the other way round are the same matrices.
  @Test func transposedMatrices() throws {
    let cfg = "[net]\ninputs=3\n[connected]\noutput=2\nactivation=linear\n"
    try bench.put("plain", cfg, [7, 8, 1, 2, 3, 4, 5, 6])
    try bench.put(
      "turned", cfg, [7, 8, 1, 4, 2, 5, 3, 6],
      header: try WeightsHeader(
        exactly: [0, 0, 0, 0, 0xE9, 3, 0, 0] + [UInt8](repeating: 0, count: 12),
        dialect: .alexeyab))
    #expect(try bench.compare(bench.model("plain"), bench.model("turned")).matches)
    try bench.put("mixed", cfg, [7, 8, 1, 4, 2, 5, 3, 6])
    #expect(try !bench.compare(bench.model("plain"), bench.model("mixed")).matches)
  }

  /// pjreddie's batch normalization has another form in Keras, whose variances are worked out anew.
  @Test func kerasCheckpointOfPjreddie() throws {
    try bench.put("b", Self.cfg, numbers(44))
    let keras = try bench.convert("b", .pjreddie)
    let report = try bench.compare(bench.model("a", .pjreddie), keras)
    #expect(report.matches)
    #expect(report.parametersCompared == 9)
    var values = numbers(44)
    values[6] *= 1.0001
    try bench.put("c", Self.cfg, values)
    #expect(
      try bench.compare(bench.model("c", .pjreddie), keras).differingParameters.map(\.name)
        == ["convolutional_0.rolling_variance"])
  }

  @Test(arguments: [
    ("filters=4", "filters=5"), ("[route]", "[dropout]\n[route]"),
    ("[route]\nlayers=1", "[route]\nlayers=2"),
  ])
  func anotherArchitecture(old: String, new: String) throws {
    let cfg = Self.cfg.replacing(old, with: new)
    let count = try Network(
      try ConfigFile(path: "b", bytes: Array(cfg.utf8), dialect: .alexeyab), dialect: .alexeyab
    ).weightCount
    try bench.put("b", cfg, numbers(count))
    let report = try bench.compare(bench.model("a"), bench.model("b"))
    #expect(!report.matches)
    #expect(report.differences.contains { $0.kind == .architecture })
  }

  /// A network that takes sequences gets one.
  @Test func sequences() throws {
    let cfg = "[net]\ninputs=2\ntime_steps=3\n[rnn]\noutput=1\nhidden=1\n"
    try bench.put("a", cfg, numbers(7))
    let report = try bench.compare(bench.model("a"), bench.model("a"))
    #expect(report.matches && report.layers.count == 1)
  }

  /// The values of all layers would take 160 GB: told before any is made.
  @Test func moreThanThereIsMemoryFor() throws {
    let cfg =
      "[net]\nwidth=40000\nheight=40000\nchannels=1\n"
      + String(repeating: "[maxpool]\nsize=1\nstride=1\n", count: 400)
    try bench.put("a", cfg, [])
    let error = #expect(throws: ModelFileError.self) {
      _ = try bench.compare(bench.model("a"), bench.model("a"))
    }
    #expect(error?.kind == .damaged)
  }
}
