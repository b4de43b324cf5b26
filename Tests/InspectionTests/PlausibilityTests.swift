import Darknet
import FileSupport
import TestSupport
import Testing

@testable import Inspection

/// Whether bytes look like weights.
struct PlausibilityTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func doubts(_ numbers: [Float], thorough: Bool = false) throws -> [String] {
    let content = WeightsHeader(.third, seen: 7).bytes + numbers.flatMap { bytes(of: $0) }
    return try DarknetInspector(dialect: .alexeyab, computesStatistics: thorough)
      .summary(weightsAlone: InputFile(path: try bench.write("x.weights", content))).summary
      .warnings.map(\.message)
  }

  @Test func soundNumbers() throws {
    #expect(try doubts((0..<1000).map { Float($0 - 500) / 300 }) == [])
    #expect(try doubts([]) == [])
  }

  @Test func oddNumbers() throws {
    let numbers: [Float] =
      [.nan, .infinity, 1e30, .leastNonzeroMagnitude] + [Float](repeating: 0.5, count: 12)
    let doubt = try #require(try doubts(numbers).first)
    #expect(doubt.contains("of 16 numbers 13 % NaN or infinite, 6.3 % beyond a million"))
  }

  /// A spread sample: what is odd in one place of a large file shows only if all is read.
  @Test func aSampleOrAll() throws {
    var numbers = [Float](repeating: 0.5, count: 3 << 20)
    for index in 0..<6000 { numbers[5000 + index % 2000 + index / 2000 * 2000] = .nan }
    let sampled = try doubts(numbers)
    let whole = try doubts(numbers, thorough: true)
    #expect(whole.count == 1 && whole[0].contains("of 3145728 numbers"))
    #expect(sampled.count <= 1)
  }

  /// A file that lost 4 bytes fits with a header of 16 bytes, and means come to lie where variances were.
  @Test func aFileCutByFourBytes() throws {
    try bench.put()
    var numbers = [Float](repeating: 0.5, count: 204)
    for index in 8..<12 { numbers[index] = -0.25 }
    let whole = WeightsHeader(.third, seen: 7).bytes + numbers.flatMap { bytes(of: $0) }
    let path = try bench.write("m.weights", whole.dropLast(4))
    let (summary, _) = try DarknetInspector(dialect: .alexeyab)
      .summary(weights: InputFile(path: path), config: ConfigText(contentsOf: bench.path("m.cfg")))
    #expect(summary.status == .complete)
    #expect(summary.warnings.contains { $0.message.contains("cut by 4 bytes") })
    // The same with sound numbers under an old version: nothing to doubt.
    var old = whole
    old[4] = 1
    try bench.write("m.weights", old)
    let (sound, _) = try DarknetInspector(dialect: .alexeyab)
      .summary(weights: InputFile(path: path), config: ConfigText(contentsOf: bench.path("m.cfg")))
    #expect(sound.warnings.count == 1)
  }
}
