import FileSupport
import Inference
import Keras
import ModelGraph
import TestSupport
import Testing

@testable import Validation

@Suite struct KerasComparisonTests {
  let bench: Bench
  let fixture = KerasFixture()

  init() throws {
    bench = try Bench()
  }

  private func compare(_ a: KerasFixture, _ b: KerasFixture) throws -> ComparisonReport {
    try a.write(to: bench.path("a.h5"))
    try b.write(to: bench.path("b.h5"))
    return try bench.compare(model("a.h5"), model("b.h5"))
  }

  private func model(_ name: String) throws -> ComparedModel {
    // Other tests start programs, which hold the locks of files that are open just then.
    let network = try KerasNetwork(path: bench.path(name), locked: false)
    return try ComparedModel(
      network, path: bench.path(name), inputs: try network.defaultInputs())
  }

  @Test func equalModels() throws {
    let report = try compare(fixture, fixture)
    #expect(report.matches && report.warnings.isEmpty)
    #expect(report.parametersCompared == 8)
    #expect(report.layers.map(\.name) == ["first", "norm", "second"])
    #expect(report.layers[0].tolerance > 0)
  }

  @Test func otherNames() throws {
    var other = fixture
    other.names = ["a", "b", "c"]
    let report = try compare(fixture, other)
    #expect(report.matches)
    #expect(report.layers.map(\.name) == ["first", "norm", "second"])
    #expect(report.warnings.count == 1)
  }

  /// One bit of one number in each variable.
  @Test(arguments: [
    (0, "first.kernel"), (7, "first.bias"), (8, "norm.gamma"), (11, "norm.beta"),
    (12, "norm.moving_mean"), (15, "norm.moving_variance"), (19, "second.kernel"),
    (21, "second.bias"),
  ])
  func oneBit(position: Int, name: String) throws {
    var other = fixture
    let bits = Float(other.values[position]).bitPattern ^ 1
    other.values[position] = Double(Float(bitPattern: bits))
    let report = try compare(fixture, other)
    #expect(report.differingParameters.map(\.name) == [name])
    #expect(report.differingParameters.first?.differing == 1)
    #expect(report.firstDifference == name.split(separator: ".").first.map(String.init))
  }

  /// What stands in the configuration alone shows in the values.
  @Test func otherEpsilon() throws {
    var other = fixture
    other.epsilon = 1e-2
    let report = try compare(fixture, other)
    #expect(report.differingParameters.isEmpty)
    #expect(report.layers.map(\.matches) == [true, false, true])
    #expect(report.layers[2].propagated!.maximumAbsolute > 0)
    #expect(report.firstDifference == "norm")
  }

  /// The same model in another type of numbers is the same model, within what that type can tell apart.
  @Test(arguments: [ElementType.float64, .float16])
  func otherType(type: ElementType) throws {
    var other = fixture
    other.type = type
    for (a, b) in [(fixture, other), (other, fixture)] {
      let report = try compare(a, b)
      #expect(report.matches && report.parametersCompared == 8)
    }
    other.values[3] *= 1.002
    let report = try compare(fixture, other)
    #expect(report.differingParameters.map(\.name) == ["first.kernel"])
  }

  @Test func otherShape() throws {
    var other = fixture
    other.units = 1
    let report = try compare(fixture, other)
    #expect(!report.matches)
    #expect(report.differences.contains { $0.kind == .architecture && $0.layer == "first" })
    // Nothing that has another shape is taken for a pair of numbers.
    #expect(report.parametersCompared < 8)
  }

  @Test func openExtents() throws {
    #expect(Self.filled([nil]) == [1, 8])
    #expect(Self.filled([nil, 5]) == [1, 8, 5])
    #expect(Self.filled([nil, nil, 3]) == [1, 32, 32, 3])
    #expect(Self.filled([3, nil, nil]) == [1, 3, 32, 32])
    #expect(Self.filled([nil, nil, nil, 3]) == [1, 8, 32, 32, 3])
  }

  private static func filled(_ shape: KerasShape) -> Shape { shape.filled(steps: 8, pixels: 32) }
}

/// Numbers of two types.
@Suite struct NumberComparisonTests {
  @Test func roundingToOdd() {
    // Just above the middle of two halves: by way of float32 it would be the middle, and go to the even.
    let value = 1 + 0x1p-11 + 0x1p-40
    #expect(Float(value).roundedToHalf == 1)
    #expect(Float(toOdd: value).roundedToHalf == 1 + 0x1p-10)
    #expect(Float(toOdd: 0.5) == 0.5)
    #expect(Float(toOdd: -value).roundedToHalf == -1 - 0x1p-10)
  }

  /// More than a band, with a difference in the last of them.
  @Test func bands() throws {
    var values = [Float](repeating: 1, count: (1 << 20) + 5)
    let a = OrderedTensor(
      source: MemorySource(values), elementType: .float32,
      view: StridedView(contiguous: [values.count]))
    values[values.count - 1] = 3
    let b = OrderedTensor(
      source: MemorySource(values), elementType: .float32,
      view: StridedView(contiguous: [values.count]))
    let outcome = try NumberComparison(rounding: 0).outcome(a, b)
    #expect(outcome.count == 1 && outcome.largest == 2)
    #expect(try NumberComparison(rounding: 0).outcome(a, a).count == 0)
  }
}
