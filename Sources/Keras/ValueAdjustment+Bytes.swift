import FileSupport
import ModelGraph

extension ValueAdjustment {
  /// Calls `body` with the bytes of adjusted numbers.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for numbers that are not float32, and what
  ///   `body` throws.
  func withAdjusted(
    _ bytes: UnsafeRawBufferPointer, elementType: ElementType,
    _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    if self == .none { return try body(bytes) }
    guard elementType == .float32 else {
      throw ModelFileError(
        .unsupported, "a variance stored as \(elementType.rawValue) can't be adjusted")
    }
    let count = bytes.count / MemoryLayout<UInt32>.size
    var adjusted: [UInt32] = []
    adjusted.reserveCapacity(count)
    for index in 0..<count {
      let offset = index * MemoryLayout<UInt32>.size
      let stored = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      adjusted.append(apply(to: Float(bitPattern: stored)).bitPattern.littleEndian)
    }
    var failure: ModelFileError?
    adjusted.withUnsafeBytes { buffer in
      do throws(ModelFileError) { try body(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
