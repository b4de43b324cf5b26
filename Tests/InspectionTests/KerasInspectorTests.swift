import Darknet
import FileSupport
import HDF5
import TestSupport
import Testing

@testable import Inspection

struct KerasInspectorTests {
  let bench: Bench
  private let plain = KerasInspector(computesDigests: false, computesStatistics: false)
  private let thorough = KerasInspector(computesDigests: true, computesStatistics: true)

  init() throws {
    bench = try Bench()
  }

  @Test func wholeModel() throws {
    try bench.putModel()
    let (summary, failure) = try plain.summary(of: bench.path("m.h5"))
    #expect(failure == nil)
    #expect(summary.format == "keras-h5")
    #expect(summary.status == .complete)
    #expect(summary.inputShape == [8, 8, 3])
    #expect(
      summary.layers.map(\.className) == [
        "InputLayer", "Conv2D", "BatchNormalization", "LeakyReLU", "Conv2D",
      ])
    #expect(summary.parameterCount == 204)
    let paths = try #require(summary.datasets).map(\.path)
    #expect(paths == paths.sorted())
    #expect(paths.contains("/darknet/cfg"))
    #expect(paths.contains("/model_weights/convolutional_0/kernel:0"))
  }

  @Test(arguments: [nil, 5]) func digestsAndStatistics(compression: Int?) throws {
    try bench.putModel(compression: compression)
    let (summary, _) = try thorough.summary(of: bench.path("m.h5"))
    let bias = try #require(summary.layers.last?.parameters.last)
    #expect(try bias.sha256 == digest((125...140).flatMap { bytes(of: Float($0)) }))
    #expect(bias.statistics?.mean == 132.5)
    let row = try #require(summary.datasets?.first { $0.path.hasSuffix("convolutional_1/bias:0") })
    #expect(row.sha256 == bias.sha256)
    #expect(row.statistics == bias.statistics)
    #expect(summary.warnings == [])
  }

  /// Small datasets of every kind of number.
  @Test func typesOfNumbers() throws {
    let path = bench.path("types.h5")
    let file = try HDF5File.create(at: path)
    func add(_ name: LinkName, _ type: Datatype, _ bytes: [UInt8], count: UInt64 = 2) throws {
      let dataset = try file.root.createDataset(named: name, type: type, shape: .simple([count]))
      try bytes.withUnsafeBytes { try dataset.write(from: $0) }
    }
    // 1.5 and -2 as halves; the smallest half; infinity.
    try add("float16", .float16, [0, 0x3E, 0, 0xC0, 1, 0, 0, 0x7C], count: 4)
    try add(
      "float64", .float64,
      [1.5, -2].flatMap { (number: Double) -> [UInt8] in
        withUnsafeBytes(of: number.bitPattern.littleEndian, Array.init)
      })
    try add("uint8", .uint8, [0, 255])
    try file.close()
    let (summary, failure) = try thorough.summary(of: path)
    #expect(failure == nil)
    #expect(summary.format == "hdf5")
    #expect(summary.status == nil)
    let statistics = Dictionary(
      uniqueKeysWithValues: try #require(summary.datasets).map { ($0.path, $0.statistics) })
    let half = try #require(statistics["/float16"] ?? nil)
    #expect((half.minimum, half.maximum, half.infinities) == (-2, 1.5, 1))
    #expect(abs(half.mean - (-0.5 + 0x1p-24) / 3) < 1e-12)
    let double = try #require(statistics["/float64"] ?? nil)
    #expect((double.minimum, double.maximum, double.mean) == (-2, 1.5, -0.25))
    #expect(double.deviation == 1.75)
    let byte = try #require(statistics["/uint8"] ?? nil)
    #expect((byte.minimum, byte.maximum, byte.zeros) == (0, 255, 1))
  }

  /// A dataset that two links lead to is two rows with one content.
  @Test func hardLinks() throws {
    let path = bench.path("links.h5")
    let file = try HDF5File.create(at: path)
    let dataset = try file.root.createDataset(named: "a", type: .float32, shape: .simple([2]))
    try (bytes(of: 1) + bytes(of: 2)).withUnsafeBytes { try dataset.write(from: $0) }
    try file.root.createHardLink(named: "b", to: dataset)
    try file.close()
    let (summary, _) = try thorough.summary(of: path)
    let rows = try #require(summary.datasets)
    #expect(rows.map(\.path) == ["/a", "/b"])
    #expect(rows[0].sha256 == rows[1].sha256 && rows[0].sha256 != nil)
  }

  @Test func configurationAndWeightsThatDisagree() throws {
    try bench.putModel()
    // The same length, so that the text of model_config can be changed in place.
    let path = bench.path("m.h5")
    let text = Array("\"filters\":16".utf8)
    let model = try InputFile(path: path).prefix(1 << 20)
    try #require(model.firstRange(of: text) != nil)
    try bench.write("m.h5", model.replacing(text, with: Array("\"filters\":17".utf8)))
    do {
      let (summary, failure) = try plain.summary(of: path)
      #expect(summary.status == .mismatch)
      #expect(failure?.kind == .damaged)
      #expect(failure?.file == path)
      #expect(failure?.found?.isEmpty == false)
    } catch {
      // Where the attribute lies under a checksum, libhdf5 finds the change first.
      #expect(error.kind == .damaged)
    }
  }

  /// A dataset over a limit and one whose numbers are damaged do not hide those beside them.
  @Test func whatCannotBeReadHidesNothing() throws {
    let path = bench.path("x.h5")
    let file = try HDF5File.create(at: path)
    for (name, extent) in [("large", UInt64(1 << 30)), ("packed", 64), ("small", 2)] {
      let dataset = try file.root.createDataset(
        named: LinkName(name), type: .float32, shape: .simple([extent]),
        storage: .chunked([min(extent, 1_000)], deflateLevel: 9))
      guard extent < 100 else { continue }
      let numbers = (0..<extent).flatMap { bytes(of: Float($0)) }
      try numbers.withUnsafeBytes { try dataset.write(from: $0) }
    }
    try file.close()
    let (summary, failure) = try thorough.summary(of: path)
    #expect(failure == nil)
    let rows = try #require(summary.datasets)
    #expect(rows.map { $0.sha256 != nil } == [false, true, true])
    #expect(summary.warnings.map { $0.places } == [[.path("/large")]])

    // The first bytes of zlib's streams.
    var content = try InputFile(path: path).prefix(1 << 20)
    let stream = try #require(content.firstRange(of: [0x78, 0xDA]))
    content[stream.lowerBound] = 0
    let (damaged, reason) = try thorough.summary(of: try bench.write("bad.h5", content))
    #expect(reason?.kind == .damaged)
    #expect(reason?.places.first == .path("/packed"))
    #expect(damaged.datasets?.map { $0.sha256 != nil } == [false, false, true])
  }

  /// A weight is more than a dataset: a sound one that is too large makes the model one that is not supported.
  @Test func aWeightOverALimit() throws {
    let path = bench.path("w.h5")
    let file = try HDF5File.create(at: path)
    try file.root.setAttribute(named: "layer_names", strings: ["d"])
    let layer = try file.root.createGroup(named: "d")
    try layer.setAttribute(named: "weight_names", strings: ["k"])
    _ = try layer.createDataset(
      named: "k", type: .float32, shape: .simple([1 << 28]),
      storage: .chunked([1_000], deflateLevel: nil))
    try file.close()
    let (summary, failure) = try plain.summary(of: path)
    #expect(summary.layers.first?.parameters.first?.shape.extents == [1 << 28])
    #expect(failure?.kind == .unsupported)
    #expect(failure?.places == [.path("/d/k")])
    #expect(failure?.expected?.contains("268435456 bytes") == true)
  }

  @Test func noHDF5() throws {
    let path = try bench.write("x.h5", Array("nothing".utf8))
    let error = #expect(throws: ModelFileError.self) { try plain.summary(of: path) }
    #expect(error?.kind == .damaged)
  }
}
