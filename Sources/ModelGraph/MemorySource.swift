import FileSupport

/// A small tensor that is held in memory, because its numbers were computed.
public struct MemorySource: TensorSource {
  private let bytes: [UInt8]

  /// All bytes of the tensor.
  public var byteCount: Int { bytes.count }

  /// A tensor of these bytes, little endian.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A tensor of these numbers.
  public init(_ values: [Float]) {
    bytes = values.withUnsafeBytes { Array($0) }
  }

  /// Copies.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    bytes.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
    }
  }
}

/// A tensor of one number over and over, which takes no memory.
public struct RepeatedSource: TensorSource {
  private let value: Float
  /// All bytes of the tensor.
  public let byteCount: Int

  /// So many times the number.
  public init(_ value: Float, count: Int) {
    self.value = value
    byteCount = count.clampedProduct(MemoryLayout<Float>.size)
  }

  /// Fills with the number; the range begins and ends with whole ones.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    _ = buffer.initializeMemory(as: UInt32.self, repeating: value.bitPattern.littleEndian)
  }
}

/// A tensor of zeros, in place of numbers that a partial file lacks.
public struct ZeroSource: TensorSource {
  /// All bytes of the tensor.
  public let byteCount: Int

  /// Zeros.
  public init(byteCount: Int) {
    self.byteCount = byteCount
  }

  /// Fills with zeros.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }
}
