import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Inspection

/// What becomes of tensors between two files, and how numbers differ.
struct DifferenceTests {
  private typealias Named = (name: String, values: [Float])

  private func contents(
    _ format: String, _ tensors: [Named], layers: [ModelContents.Layer] = [],
    namesArePlaces: Bool = false
  ) -> ModelContents {
    var contents = ModelContents(path: format, format: "tensors", bytes: 0)
    contents.hasOrder = true
    contents.namesArePlaces = namesArePlaces
    contents.layers = layers
    contents.vocabulary = layers.isEmpty ? nil : "darknet"
    contents.tensors = tensors.map { tensor in
      let parts = tensor.name.split(separator: ".").map(String.init)
      return ModelContents.Tensor(
        layer: parts.count > 1 ? parts[0] : nil, array: parts.last ?? "",
        shape: [tensor.values.count], typeName: "float32", numbers: ordered(tensor.values))
    }
    return contents
  }

  private func ordered(_ values: [Float]) -> OrderedTensor {
    OrderedTensor(
      source: MemorySource(values), elementType: .float32,
      view: StridedView(contiguous: [values.count]))
  }

  /// The states by the names of both sides: `a → b: renamed`.
  private func states(_ a: [Named], _ b: [Named]) throws -> [String] {
    try states(contents("a", a), contents("b", b))
  }

  private func states(_ a: ModelContents, _ b: ModelContents) throws -> [String] {
    try DifferenceFinder(a, b).report().tensors.filter { $0.state != .equal }.map {
      "\($0.first?.name ?? "") → \($0.second?.name ?? ""): \($0.state)"
    }
  }

  private func layer(_ name: String, _ kind: String, _ option: String) -> ModelContents.Layer {
    ModelContents.Layer(name: name, kind: kind, options: [.init(key: "filters", value: option)])
  }

  // MARK: States

  @Test func states() throws {
    let a: [Named] = [("x", [1, 2]), ("y", [3, 4]), ("z", [5, 6]), ("u", [7])]
    #expect(try states(a, a) == [])
    #expect(
      try states(a, [("x", [1, 2]), ("y", [3, 5]), ("n", [5, 6]), ("m", [1, 1, 1])])
        == ["y → y: changed", "z → n: renamed", "u → : removed", " → m: added"])
  }

  /// Only what had to change its place is told, and not all that stands behind it.
  @Test func order() throws {
    let a: [Named] = (0..<6).map { ("\($0)", [Float($0)]) }
    #expect(try states(a, Array(a[1...]) + [a[0]]) == ["0 → 0: moved"])
    #expect(try states(a, [a[5]] + Array(a[..<5])) == ["5 → 5: moved"])
  }

  @Test func swapped() throws {
    let a: [Named] = [("x", [1, 2]), ("y", [3, 4]), ("z", [5, 6])]
    #expect(
      try states(a, [("x", [3, 4]), ("y", [1, 2]), ("z", [5, 6])])
        == ["x → y: moved", "y → x: moved"])
    #expect(
      try states(a, [("x", [3, 4]), ("y", [5, 6]), ("z", [1, 2])])
        == ["x → z: moved", "y → x: moved", "z → y: moved"])
  }

  /// Numbers that are all the same, and those that several tensors have, do not tell where they came from.
  @Test func unclear() throws {
    #expect(
      try states([("x", [0, 0]), ("y", [3, 4])], [("x", [3, 5]), ("y", [0, 0])])
        == ["x → x: changed", "y → y: changed"])
    #expect(
      try states(
        [("x", [1, 2]), ("y", [1, 2]), ("z", [5, 6])],
        [("x", [7, 8]), ("y", [9, 8]), ("z", [1, 2])])
        == ["x → x: changed", "y → y: changed", "z → z: changed"])
  }

  /// Layers with new names and new numbers, as another training in the same program gives.
  @Test func newNamesAndNumbers() throws {
    #expect(
      try states(
        [("dense.kernel", [1, 2]), ("dense.bias", [3])],
        [("dense_1.kernel", [4, 5]), ("dense_1.bias", [6])])
        == ["dense.kernel → dense_1.kernel: changed", "dense.bias → dense_1.bias: changed"])
    #expect(
      try states([("dense.kernel", [1, 2])], [("dense_1.weights", [4, 5])])
        == ["dense.kernel → : removed", " → dense_1.weights: added"])
  }

  /// A network whose layers are counted: one more in front moves those behind it.
  @Test func insertedLayer() throws {
    let first = contents(
      "a", [("conv_0.weights", [1, 2]), ("conv_1.weights", [3, 4])],
      layers: [layer("conv_0", "conv", "2"), layer("conv_1", "conv", "4")], namesArePlaces: true)
    let second = contents(
      "b", [("conv_0.weights", [1, 2]), ("conv_1.weights", [9, 9]), ("conv_2.weights", [3, 5])],
      layers: [
        layer("conv_0", "conv", "2"), layer("conv_1", "conv", "3"), layer("conv_2", "conv", "4"),
      ], namesArePlaces: true)
    #expect(
      try states(first, second)
        == ["conv_1.weights → conv_2.weights: changed", " → conv_1.weights: added"])
    let report = try DifferenceFinder(first, second).report()
    #expect(
      report.options.map { "\($0.layer ?? "") \($0.key) \($0.second ?? "none")" } == [
        "conv_1 layer conv"
      ])
  }

  /// Two layers of one name, as no Keras writes them.
  @Test func twoLayersOfOneName() throws {
    let twice = contents("a", [], layers: [layer("x", "conv", "2"), layer("x", "conv", "3")])
    #expect(try DifferenceFinder(twice, twice).report().matches)
  }

  @Test func nothingToCompareWith() throws {
    let a = contents("a", [("x", [1])])
    #expect(try states(ModelContents.none("/dev/null"), a) == [" → x: added"])
    #expect(try DifferenceFinder(a, ModelContents.none("/dev/null")).report().matches == false)
  }

  // MARK: Numbers

  private func difference(_ a: [Float], _ b: [Float]) throws -> NumberDifference {
    try NumberComparer(rounding: 0, examples: 2).difference(ordered(a), ordered(b))
  }

  @Test func numbers() throws {
    let a = (0..<1000).map { Float($0) }
    var b = a
    b[3] = a[3].nextUp.nextUp
    b[700] = -a[700]
    b[701] = .nan
    b[999] = .infinity
    let found = try difference(a, b)
    #expect(found.count == 1000 && found.differing == 4 && found.notFinite == 2)
    #expect(found.maximumAbsolute == 1400)
    #expect(abs(found.meanAbsolute - (1400 + Double(Float(3).ulp * 2)) / 998) < 1e-12)
    #expect(found.maximumUnits == UInt64(Float(700).bitPattern) * 2)
    #expect(found.examples.map(\.position) == [3, 700])
    #expect(try difference(a, a).differing == 0)
  }

  /// The same bits are the same, whatever they stand for; other bits are not.
  @Test func bits() throws {
    let quiet = Float(bitPattern: 0x7FC0_0000)
    let other = Float(bitPattern: 0x7FC0_0001)
    #expect(try difference([quiet, 0], [quiet, 0]).differing == 0)
    #expect(try difference([quiet], [other]).notFinite == 1)
    let zeros = try difference([0.0], [-0.0])
    #expect(zeros.differing == 1 && zeros.maximumUnits == 0 && zeros.maximumAbsolute == 0)
  }

  @Test(arguments: [
    (ElementType.int8, 0xFF as UInt64, 1 as UInt64, 2 as UInt64),
    (.uint8, 0xFF, 1, 254), (.int64, UInt64.max, 1, 2),
    (.int64, 1 << 63, (1 << 63) - 1, UInt64.max), (.uint64, 0, UInt64.max, UInt64.max),
    (.float16, 0x3C00, 0x3C01, 1), (.float16, 0x8001, 0x0001, 2), (.bfloat16, 0x3F80, 0x3F7F, 1),
    (.float64, 0x3FF0_0000_0000_0000, 0x4000_0000_0000_0000, 1 << 52),
  ])
  func units(type: ElementType, a: UInt64, b: UInt64, expected: UInt64) {
    #expect(type.units(from: a, to: b) == expected)
    #expect(type.units(from: b, to: a) == expected)
  }

  @Test(arguments: [
    (ElementType.float32, ElementType.float16, 1.0, 1.0 + 0x1p-10, 1 as UInt64),
    (.float32, .float16, 1.0, 1.0 + 0x1p-11, 0), (.bfloat16, .float64, 0, 0x1p-133, 1),
    (.float64, .float32, -1, 1, 1 << 24), (.int32, .float32, 7, 9, 1 << 21),
  ])
  func unitsOfTwoTypes(a: ElementType, b: ElementType, x: Double, y: Double, expected: UInt64) {
    #expect(a.units(from: x, to: y, besides: b) == expected)
    #expect(b.units(from: x, to: y, besides: a) == expected)
  }
}
