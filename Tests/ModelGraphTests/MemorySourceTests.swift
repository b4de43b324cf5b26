import FileSupport
import ModelGraph
import Testing

/// Tensors whose numbers stand in no file, or in another type.
struct MemorySourceTests {
  private func floats(_ source: any TensorSource, _ range: Range<Int>) throws -> [Float] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count * 4, alignment: 4)
    defer { buffer.deallocate() }
    try source.read(into: buffer, at: range.lowerBound * 4)
    return range.indices.map {
      buffer.load(fromByteOffset: ($0 - range.lowerBound) * 4, as: Float.self)
    }
  }

  @Test func repeatedNumber() throws {
    let source = RepeatedSource(0.5, count: 1_000_000)
    #expect(source.byteCount == 4_000_000)
    #expect(try floats(source, 7..<10) == [0.5, 0.5, 0.5])
    #expect(RepeatedSource(1, count: .max).byteCount == .max)
  }

  @Test func numbersOfOtherTypes() throws {
    let halves = MemorySource(bytes: [0x00, 0x3C, 0x00, 0xC0, 0x00, 0x38])
    let source = FloatSource(halves, elementType: .float16)
    #expect(source.byteCount == 12)
    #expect(try floats(source, 0..<3) == [1, -2, 0.5])
    #expect(try floats(source, 1..<2) == [-2])
    let doubles = MemorySource(
      bytes: withUnsafeBytes(of: (0.1).bitPattern.littleEndian) { Array($0) })
    #expect(try floats(FloatSource(doubles, elementType: .float64), 0..<1) == [0.1])
  }
}
