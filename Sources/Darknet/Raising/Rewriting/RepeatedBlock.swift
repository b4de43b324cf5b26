import FileSupport
import ModelGraph

/// A tensor of a few numbers over and over: what each channel has alike.
struct RepeatedBlock: TensorSource {
  private let block: [Float]
  let byteCount: Int

  /// So many times the numbers.
  init(_ block: [Float], times: Int) {
    self.block = block
    byteCount = block.count.clampedProduct(times).clampedProduct(MemoryLayout<Float>.size)
  }

  /// Fills with the numbers; the range begins and ends with whole ones.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    let width = MemoryLayout<Float>.size
    for index in 0..<(buffer.count / width) {
      let value = block[(offset / width + index) % block.count]
      buffer.storeBytes(
        of: value.bitPattern.littleEndian, toByteOffset: index * width, as: UInt32.self)
    }
  }
}
