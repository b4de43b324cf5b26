import Testing

@testable import Darknet

struct WeightsHeaderTests {
  /// major, minor, then the length by AlexeyAB's rule and by pjreddie's.
  @Test(
    arguments: [
      (0, 0, 16, 16), (0, 1, 16, 16), (0, 2, 20, 20), (0, 3, 20, 20), (1, 0, 20, 20),
      (0, 999, 20, 20), (0, 1000, 20, 16), (1000, 0, 20, 16), (2000, 0, 20, 16), (0, 1001, 20, 16),
      (-1, 5, 16, 16), (-1, 12, 20, 20), (.max, .max, 20, 16), (.min, 0, 16, 16),
    ] as [(Int32, Int32, Int, Int)])
  func lengths(major: Int32, minor: Int32, alexeyab: Int, pjreddie: Int) {
    #expect(WeightsHeader.length(major: major, minor: minor, dialect: .alexeyab) == alexeyab)
    #expect(WeightsHeader.length(major: major, minor: minor, dialect: .hankAI) == alexeyab)
    #expect(WeightsHeader.length(major: major, minor: minor, dialect: .pjreddie) == pjreddie)
  }

  @Test(
    arguments: [
      (0, 2, false), (1000, 0, false), (0, 1000, false), (1001, 0, true), (0, 1001, true),
    ] as [(Int32, Int32, Bool)])
  func transposed(major: Int32, minor: Int32, isTransposed: Bool) {
    let bytes = words([UInt32(bitPattern: major), UInt32(bitPattern: minor), 0, 0, 0])
    #expect(WeightsHeader(bytes, byteCount: 20, dialect: .alexeyab).isTransposed == isTransposed)
  }

  @Test(arguments: HeaderGeneration.allCases) func roundTrip(generation: HeaderGeneration) {
    let header = WeightsHeader(generation, seen: 0x89AB_CDEF)
    #expect(header.bytes.count == header.byteCount)
    #expect(
      WeightsHeader(header.bytes, byteCount: header.byteCount, dialect: .alexeyab) == header)
    #expect(
      WeightsHeader.length(major: header.major, minor: header.minor, dialect: .alexeyab)
        == header.byteCount)
  }

  @Test func generations() {
    #expect(WeightsHeader(.first, seen: 7).bytes == words([0, 1, 0, 7]))
    #expect(WeightsHeader(.second, seen: 7).bytes == words([0, 2, 0, 7, 0]))
    #expect(WeightsHeader(.third, seen: 1 << 32).bytes == words([0, 2, 5, 0, 1]))
    #expect(WeightsHeader(.first, seen: (1 << 32) + 3).seen == 3)
  }

  /// pjreddie's reads the short count as a signed number.
  @Test func shortCount() {
    let bytes = words([0, 1, 0, 0xFFFF_FFFE])
    #expect(WeightsHeader(bytes, byteCount: 16, dialect: .alexeyab).seen == 0xFFFF_FFFE)
    #expect(WeightsHeader(bytes, byteCount: 16, dialect: .pjreddie).seen == 0xFFFF_FFFF_FFFF_FFFE)
    for dialect in Dialect.allCases {
      #expect(WeightsHeader(bytes, byteCount: 16, dialect: dialect).bytes == bytes)
    }
  }

  @Test(arguments: 0...19) func cutHeaders(count: Int) {
    let bytes = Array(words([1, 2, 3, 4, 5]).prefix(count))
    let header = WeightsHeader(bytes, byteCount: 20, dialect: .alexeyab)
    #expect(header.major == (count == 0 ? 0 : 1))
    #expect(header.seen == 0)
  }

  private func words(_ numbers: [UInt32]) -> [UInt8] {
    numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  }
}
