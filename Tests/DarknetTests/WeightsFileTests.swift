import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

/// How much of a network a file holds, and where its arrays lie.
struct WeightsFileTests {
  /// Layers of 4 + 108 floats, none, and 2 + 8.
  static let text = """
    [net]
    channels=3
    height=2
    width=2
    [convolutional]
    filters=4
    size=3
    pad=1
    [maxpool]
    size=2
    stride=2
    [connected]
    output=2
    activation=linear

    """
  static let floats = 112 + 10

  let folder: TemporaryFolder
  let network: Network

  init() throws {
    folder = try TemporaryFolder()
    network = try Darknet.Network(try config(Self.text), dialect: .alexeyab)
  }

  private func open(_ bytes: [UInt8], _ dialect: Dialect = .alexeyab) throws -> WeightsFile {
    let network = try Darknet.Network(try config(Self.text, dialect), dialect: dialect)
    return try WeightsFile(path: try folder.write("a.weights", bytes), network: network)
  }

  private func header(_ version: (Int32, Int32, Int32), bytes count: Int) -> [UInt8] {
    let numbers = [version.0, version.1, version.2]
    let start = numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    return start + [UInt8](repeating: 0, count: count - 12)
  }

  private func body(_ floats: Int) -> [UInt8] {
    Array(weights(header: WeightsHeader(.third, seen: 0), floats: floats).dropFirst(20))
  }

  @Test func plan() {
    let plan = WeightsPlan(network)
    #expect(plan.floatCount == Self.floats)
    #expect(network.weightCount == Self.floats)
    #expect(plan.entries.map(\.start) == [0, 4, 112, 114])
    #expect(plan.entries.map(\.layer) == [0, 0, 2, 2])
    #expect(
      plan.entries.map(network.name(of:)) == [
        "convolutional_0.biases", "convolutional_0.weights", "connected_2.biases",
        "connected_2.weights",
      ])
    #expect(plan.entry(holding: 3)?.array.name == "biases")
    #expect(plan.entry(holding: 4)?.array.name == "weights")
    #expect(plan.entry(holding: Self.floats) == nil)
    #expect(WeightsPlan(network, upTo: 2).floatCount == 112)
    #expect(WeightsPlan(network, upTo: 0).floatCount == 0)
  }

  @Test(arguments: HeaderGeneration.allCases) func complete(generation: HeaderGeneration) throws {
    let header = WeightsHeader(generation, seen: 12)
    let file = try open(weights(header: header, floats: Self.floats))
    #expect(file.status == .complete)
    #expect(file.header == header)
    #expect(file.warnings == [])
    #expect(try file.headerBytes() == header.bytes)
    #expect(file.layout.byteCount == file.file.size)
  }

  /// users.md 12, 13: the length with which the file fits, whatever its version says.
  @Test(arguments: [((0, 2, 5), 16), ((0, 1, 0), 20), ((2000, 0, 0), 16)])
  func headerOfAnotherLength(version: (Int32, Int32, Int32), count: Int) throws {
    let file = try open(header(version, bytes: count) + body(Self.floats))
    #expect(file.status == .complete)
    #expect(file.header.byteCount == count)
    #expect(file.warnings.count == 1)
  }

  @Test func pjreddieExpectsTheShortHeaderOfATransposedFile() throws {
    let file = try open(header((2000, 0, 0), bytes: 16) + body(Self.floats), .pjreddie)
    #expect(file.status == .complete)
    #expect(file.warnings == [])
    #expect(file.header.isTransposed)
  }

  @Test(arguments: [
    (0, WeightsStatus.partial(layersLoaded: 0)), (4, .truncated), (111, .truncated),
    (112, .partial(layersLoaded: 1)), (113, .truncated), (114, .truncated), (120, .truncated),
    (122, .complete), (124, .trailing(bytes: 8)),
  ])
  func floatsBehindTheHeader(count: Int, status: WeightsStatus) throws {
    let file = try open(weights(header: WeightsHeader(.third, seen: 0), floats: count))
    #expect(file.status == status)
  }

  /// One float less behind a long header is a file that fits with the short one: the length decides,
  /// and what the version says is not passed over.
  @Test func oneFloatMissing() throws {
    let file = try open(weights(header: WeightsHeader(.third, seen: 0), floats: Self.floats - 1))
    #expect(file.status == .complete)
    #expect(file.header.byteCount == 16)
    #expect(file.warnings.count == 1)
  }

  @Test(arguments: [0, 1, 11, 12, 15, 19]) func cutHeader(count: Int) throws {
    let bytes = Array(weights(header: WeightsHeader(.third, seen: 0), floats: 0).prefix(count))
    let file = try open(bytes)
    #expect(file.status == .truncated)
    #expect(file.source(WeightsPlan(network).entries[0]) == nil)
  }

  @Test(arguments: [1, 2, 3]) func bytesBehindWholeFloats(count: Int) throws {
    let extra = [UInt8](repeating: 0, count: count)
    let whole = weights(header: WeightsHeader(.third, seen: 0), floats: Self.floats)
    #expect(try open(whole + extra).status == .trailing(bytes: UInt64(count)))
    let part = weights(header: WeightsHeader(.third, seen: 0), floats: 112)
    #expect(try open(part + extra).status == .truncated)
  }

  @Test func noWeightsAtAll() throws {
    let network = try layers("[maxpool]\n")
    for generation in HeaderGeneration.allCases {
      let path = try folder.write("b", WeightsHeader(generation, seen: 3).bytes)
      #expect(try WeightsFile(path: path, network: network).status == .complete)
    }
  }

  @Test func arraysOfAFile() throws {
    let file = try open(weights(header: WeightsHeader(.third, seen: 0), floats: Self.floats))
    let graph = try file.network.graph(layout: file.layout) { file.source($0) }
    let read = try graph.parameters.map { ($0.name, try values(of: $0)) }
    let byName = Dictionary(uniqueKeysWithValues: read)
    #expect(byName["convolutional_0.biases"] == [0, 1, 2, 3])
    #expect(byName["convolutional_0.weights"] == (4..<112).map(Float.init))
    #expect(byName["connected_2.biases"] == [112, 113])
    #expect(byName["connected_2.weights"] == (114..<122).map(Float.init))
  }

  /// A file with transposed matrices holds `[in][out]`; the parameter has `[out, in]`.
  @Test func transposedMatrices() throws {
    let file = try open(header((0, 2000, 0), bytes: 16) + body(Self.floats))
    let entry = try #require(file.plan.entries.last)
    #expect(file.layout.storedShape(of: entry.array) == [4, 2])
    let graph = try file.network.graph(layout: file.layout) { file.source($0) }
    let matrix = try #require(graph.parameters.first { $0.name == "connected_2.weights" })
    #expect(matrix.shape == [2, 4])
    #expect(try values(of: matrix) == [114, 116, 118, 120, 115, 117, 119, 121])
    let kernel = try #require(graph.parameters.first { $0.name == "convolutional_0.weights" })
    #expect(try values(of: kernel) == (4..<112).map(Float.init))
  }

  /// `flipped=1`: the file holds the filters innermost.
  @Test func flippedKernels() throws {
    let network = try layers("[conv]\nfilters=2\nsize=2\nflipped=1\n", input: (1, 4, 4))
    let path = try folder.write(
      "f", weights(header: WeightsHeader(.third, seen: 0), floats: network.weightCount))
    let file = try WeightsFile(path: path, network: network)
    let graph = try network.graph(layout: file.layout) { file.source($0) }
    let kernel = try #require(graph.parameters.first { $0.role == .weights })
    #expect(kernel.shape == [2, 1, 2, 2])
    #expect(try values(of: kernel) == [2, 4, 6, 8, 3, 5, 7, 9])
  }

  @Test func aPartialFileHasItsFirstLayersOnly() throws {
    let file = try open(weights(header: WeightsHeader(.third, seen: 0), floats: 112))
    #expect(file.plan.entries.map { file.source($0) != nil } == [true, true, false, false])
  }

  @Test func writtenAndReadBack() throws {
    let header = WeightsHeader(.third, seen: 77)
    let original = weights(header: header, floats: Self.floats)
    let file = try open(original)
    let path = folder.path("copy.weights")
    let output = try OutputFile(path: path, overwrites: false)
    let tensors = try file.plan.entries.map { entry in
      OrderedTensor(
        source: try #require(file.source(entry)), elementType: .float32,
        view: StridedView(contiguous: entry.array.shape))
    }
    try WeightsWriter(layout: file.layout, header: file.header.bytes, tensors: tensors)
      .write(to: output)
    try OutputFile.commit([output])
    let copy = try InputFile(path: path)
    #expect(try copy.prefix(.max) == original)
  }
}
