import Darknet
import TestSupport
import Testing

@testable import Conversion

/// `.weights` to `.weights`: another header, only the first layers.
struct WeightsToWeightsTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.put("m", Bench.convolutions)
  }

  @Test func nothingAskedFor() throws {
    let report = try bench.rewrite("m")
    #expect(try bench.bytes("other.weights") == bench.bytes("m.weights"))
    #expect(report.parameterCount == 204)
    #expect(report.warnings == [])
  }

  @Test(arguments: HeaderGeneration.allCases, HeaderGeneration.allCases)
  func headers(from old: HeaderGeneration, to new: HeaderGeneration) throws {
    try bench.put("m", Bench.convolutions, header: WeightsHeader(old, seen: 64_000).bytes)
    try bench.rewrite("m", header: new)
    #expect(
      try bench.bytes("other.weights")
        == WeightsHeader(new, seen: 64_000).bytes + Array(floats(204)))
  }

  /// 32 bits don't hold every count; darknet keeps the low ones.
  @Test func countThatA16ByteHeaderCannotHold() throws {
    try bench.put(
      "m", Bench.convolutions, header: WeightsHeader(.third, seen: 0x1_0000_0005).bytes)
    try bench.rewrite("m", header: .first)
    #expect(try Array(bench.bytes("other.weights")[12..<16]) == [5, 0, 0, 0])
  }

  @Test(arguments: [(0, 0), (1, 124), (2, 204)]) func upto(limit: Int, count: Int) throws {
    let report = try bench.rewrite("m", limit: limit)
    #expect(
      try bench.bytes("other.weights") == Array(bench.bytes("m.weights").prefix(20 + 4 * count)))
    #expect(report.parameterCount == count)
  }

  /// A header of the other kind turns matrices back.
  @Test func transposedMatricesAreTurned() throws {
    let cfg = Bench.network("[connected]\noutput=2\nactivation=linear", input: "inputs=3")
    let biases = bytes(of: 7) + bytes(of: 8)
    // As [in][out]: input 0 to both outputs, input 1, input 2.
    let stored: [Float] = [1, 4, 2, 5, 3, 6]
    let header: [UInt8] = [0, 0, 0, 0, 0xE9, 3, 0, 0] + [UInt8](repeating: 0, count: 12)
    try bench.put("m", cfg)
    try bench.write("m.weights", header + biases + stored.flatMap(bytes))
    try bench.rewrite("m", header: .second)
    #expect(
      try bench.bytes("other.weights")
        == WeightsHeader(.second, seen: 0).bytes + biases
        + [1, 2, 3, 4, 5, 6].flatMap { bytes(of: $0) })
    try bench.rewrite("m")
    #expect(try bench.bytes("other.weights") == bench.bytes("m.weights"))
  }

  @Test func partial() throws {
    try bench.write("m.weights", Array(try bench.bytes("m.weights").prefix(20 + 4 * 124)))
    #expect(try failure { try bench.rewrite("m") }.kind == .damaged)
    for limit in [nil, 1] {
      try bench.rewrite("m", header: .second, limit: limit, allowsPartial: limit == nil)
      #expect(
        try bench.bytes("other.weights")
          == WeightsHeader(.second, seen: 64_000).bytes + floats(124))
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let bytes = try bench.bytes("m.weights")
    let wrong: [[UInt8]] = [bytes.dropLast(8), bytes + [0, 0, 0, 0], []]
    for damaged in wrong {
      try bench.write("m.weights", damaged)
      #expect(try failure { try bench.rewrite("m", allowsPartial: true) }.kind == .damaged)
    }
  }
}
