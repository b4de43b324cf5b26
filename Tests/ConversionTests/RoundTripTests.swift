import Darknet
import TestSupport
import Testing

@testable import Conversion

/// From `.weights` to `.h5` and back: the same bytes, whatever the network holds.
struct RoundTripTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func expectSameBytes(
    _ cfg: String, dialect: Dialect = .alexeyab,
    header: [UInt8] = WeightsHeader(.third, seen: 64_000).bytes, compression: Int? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ConversionReport {
    try bench.put("m", cfg, header: header, dialect: dialect)
    let there = try bench.toKeras("m", dialect: dialect, compression: compression)
    let back = try bench.toDarknet("m")
    #expect(
      try bench.bytes("back.weights") == bench.bytes("m.weights"), sourceLocation: sourceLocation)
    #expect(back.parameterCount == there.parameterCount, sourceLocation: sourceLocation)
    return there
  }

  @Test(arguments: Dialect.allCases) func dialects(dialect: Dialect) throws {
    let report = try expectSameBytes(Bench.convolutions, dialect: dialect)
    #expect(report.layerCount == 2)
    #expect(report.parameterCount == 204)
    // pjreddie's divisor is none that Keras could write down.
    #expect(
      report.carriedArrays == (dialect == .pjreddie ? ["convolutional_0.rolling_variance"] : []))
  }

  @Test(arguments: [1, 9]) func compressed(level: Int) throws {
    _ = try expectSameBytes(Bench.convolutions, compression: level)
  }

  @Test(arguments: HeaderGeneration.allCases) func headers(generation: HeaderGeneration) throws {
    _ = try expectSameBytes(
      Bench.convolutions, header: WeightsHeader(generation, seen: 0xFFFF_FFFE).bytes)
  }

  /// The count of a header of 16 bytes reads as a negative number in pjreddie's darknet.
  @Test func largeCountInAShortHeader() throws {
    _ = try expectSameBytes(
      Bench.convolutions, dialect: .pjreddie,
      header: WeightsHeader(.first, seen: 0xFFFF_FFFE).bytes)
  }

  /// Versions above 1000 store matrices the other way round.
  @Test func transposed() throws {
    let cfg = Bench.network(
      "[connected]\noutput=5\nbatch_normalize=1\nactivation=leaky\n[connected]\noutput=3\n"
        + "activation=linear", input: "inputs=7")
    let header: [UInt8] = [0, 0, 0, 0, 0xE9, 3, 0, 0] + [UInt8](repeating: 0, count: 12)
    _ = try expectSameBytes(cfg, header: header)
  }

  @Test func sharedWeights() throws {
    _ = try expectSameBytes(
      Bench.network(
        """
        [convolutional]
        filters=3
        size=3
        pad=1
        batch_normalize=1
        activation=leaky
        [convolutional]
        filters=3
        size=3
        pad=1
        batch_normalize=1
        share_index=0
        activation=leaky
        """))
  }

  /// No output needs the first branch: Keras does not keep it, so it is carried.
  @Test func deadBranch() throws {
    let report = try expectSameBytes(
      Bench.network(
        """
        [convolutional]
        filters=4
        activation=leaky
        [convolutional]
        filters=5
        batch_normalize=1
        activation=leaky
        [route]
        layers=0
        [convolutional]
        filters=6
        activation=linear
        """))
    #expect(
      report.carriedArrays == [
        "convolutional_1.biases", "convolutional_1.rolling_mean",
        "convolutional_1.rolling_variance", "convolutional_1.scales", "convolutional_1.weights",
      ])
  }

  /// What `darknet partial` cuts off is zeros in Keras, and is missing again on the way back.
  @Test func partial() throws {
    try bench.put("m", Bench.convolutions)
    try bench.write("m.weights", Array(try bench.bytes("m.weights").prefix(20 + 4 * 124)))
    #expect(try failure { try bench.toKeras("m") }.kind == .damaged)
    try bench.toKeras("m", allowsPartial: true)
    try bench.toDarknet("m")
    #expect(try bench.bytes("back.weights") == bench.bytes("m.weights"))
  }

  @Test func numbersOfEveryKind() throws {
    try bench.put("m", Bench.convolutions)
    var bytes = try bench.bytes("m.weights")
    let odd: [UInt32] = [0x7FC0_1234, 0x7F80_0000, 0xFF80_0000, 0x8000_0000, 1, 0xFFFF_FFFF]
    // Biases, scales, means, variances, kernels.
    for array in 0..<5 {
      for (place, pattern) in odd.prefix(4).enumerated() {
        let start = 20 + 16 * array + 4 * place
        bytes.replaceSubrange(
          start..<(start + 4), with: (0..<4).map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) })
      }
    }
    try bench.write("m.weights", bytes)
    for dialect in [Dialect.alexeyab, .pjreddie] {
      try bench.toKeras("m", dialect: dialect)
      try bench.toDarknet("m")
      #expect(try bench.bytes("back.weights") == bytes)
    }
  }
}
