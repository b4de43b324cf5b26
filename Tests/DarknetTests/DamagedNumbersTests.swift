import FileSupport
import TestSupport
import Testing

@testable import Darknet

/// A file of the right size whose content is damaged is refused before anything is computed with it; an odd but
/// sound one is not.
struct DamagedNumbersTests {
  private static let text = """
    [net]
    channels=3
    height=8
    width=8
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    pad=1
    """
  let folder: TemporaryFolder
  let network: Network

  init() throws {
    folder = try TemporaryFolder()
    network = try Darknet.Network(try config(Self.text), dialect: .alexeyab)
  }

  /// Numbers as training leaves them: variances above 0, the others on either side.
  private func numbers(seed: UInt64 = 1) -> [Float] {
    var state = seed
    return WeightsPlan(network).entries.flatMap { entry in
      (0..<entry.array.count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = Float(state >> 40) / Float(1 << 24)
        return entry.array.name.hasSuffix("variance") ? value + 0.01 : value - 0.6
      }
    }
  }

  private func bytes(_ numbers: [Float]) -> [UInt8] {
    numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
    }
  }

  private func open(_ bytes: [UInt8]) throws -> WeightsFile {
    try WeightsFile(path: try folder.write("a.weights", bytes), network: network)
  }

  private func swapped(_ bytes: [UInt8], _ order: [Int]) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: 4).flatMap { start in order.map { bytes[start + $0] } }
  }

  @Test func sound() throws {
    let header = WeightsHeader(.third, seen: 7).bytes
    let file = try open(header + bytes(numbers()))
    try file.requireNumbers()
    #expect(file.warnings == [])
    // A variance that rounding left below 0, as in a detector that somebody trained.
    var rounded = numbers()
    rounded[24] = -.leastNonzeroMagnitude * 50
    #expect(try open(header + bytes(rounded)).warnings == [])
    // Odd, but not proved to be damaged: constants, decayed and diverged weights, an unknown version.
    var odd = numbers()
    for index in 0..<200 {
      odd[index] = [0, .leastNonzeroMagnitude, .nan, 7e8, .infinity][index % 5]
    }
    let warned = try open(header + bytes(odd))
    try warned.requireNumbers()
    #expect(warned.warnings.contains { $0.message.contains("don't look like weights") })
    let constant = [Float](repeating: Float(bitPattern: 0x3F00), count: odd.count)
    try open(header + bytes(constant)).requireNumbers()
    var version = header
    version[2] = 0x77
    let strange = try open(version + bytes(numbers()))
    try strange.requireNumbers()
    #expect(strange.warnings.contains { $0.message.contains("no darknet writes such a version") })
  }

  @Test(arguments: [
    ("floats", "big endian"), ("header", "the header is big endian"),
    ("all", "the header is big endian"), ("reversed", "whole file stands in reverse"),
    ("words", "numbers of the file stand in reverse"), ("swab", "dd conv=swab"),
    ("halves", "two halves"), ("shifted", "begin a byte off"), ("lost", "begin a byte early"),
    ("noise", "noise"),
    ("asked", "question marks"), ("capitals", "became capitals"), ("decoded", "EF BF BD"),
    ("half", "big endian"), ("text", "text stands here"),
  ])
  func damaged(how: String, words: String) throws {
    let header = WeightsHeader(.third, seen: 7).bytes
    let body = bytes(numbers())
    let whole = header + body
    let reverse = [3, 2, 1, 0]
    var state: UInt64 = 3
    let content: [UInt8]
    switch how {
    case "floats": content = header + swapped(body, reverse)
    case "header": content = swapped(header, reverse) + body
    case "all": content = swapped(whole, reverse)
    case "reversed": content = whole.reversed()
    case "words": content = swapped(whole.reversed(), reverse)
    case "swab": content = header + swapped(body, [1, 0, 3, 2])
    case "halves": content = header + swapped(body, [2, 3, 0, 1])
    case "shifted": content = header + [0] + body.dropLast()
    case "lost": content = header + body.dropFirst() + [0]
    case "asked": content = whole.map { $0 < 0x80 ? $0 : 0x3F }
    case "capitals": content = whole.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    case "decoded":
      content = Array(Array(String(decoding: whole, as: UTF8.self).utf8).prefix(whole.count))
    case "half":
      let middle = body.count / 8 * 4
      content = header + body[..<middle] + swapped(Array(body[middle...]), reverse)
    case "text":
      let words = Array("<p>The server is busy, say what it wants. ".utf8)
      content = header + body.indices.map { words[$0 % words.count] }
    default:
      content =
        header
        + body.map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: state >> 40)
        }
    }
    let file = try open(content)
    #expect(file.status == .complete)
    let error = try failure { try file.requireNumbers() }
    #expect(error.kind == .damaged)
    #expect(error.problem.contains(words), "\(error.problem)")
    #expect(error.remedy != nil)
  }

  /// A file that lost its last number fits with a header of 16 bytes; means then lie where variances should.
  @Test func shifted() throws {
    let header = WeightsHeader(.third, seen: 7).bytes
    let cut = try open((header + bytes(numbers())).dropLast(4))
    #expect(cut.status == .complete)
    #expect(cut.warnings.contains { $0.message.contains("cut by 4 bytes") })
    let error = try failure { try cut.requireNumbers() }
    #expect(error.kind == .damaged && error.problem.contains("lost 4 bytes"))
    // Negative where they lie by the version's rule, too: that says nothing about a shift.
    let odd = try open((header + bytes(numbers().map { -$0.magnitude })).dropLast(4))
    try odd.requireNumbers()
    #expect(odd.warnings.contains { $0.message.contains("is negative") })
  }
}
