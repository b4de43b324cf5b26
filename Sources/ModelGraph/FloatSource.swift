import FileSupport

extension ElementType {
  /// Appends stored numbers, each rounded to the nearest float32.
  package func append(_ bytes: UnsafeRawBufferPointer, to values: inout [Float]) {
    let reader = LittleEndianReader(bytes: bytes)
    switch self {
    case .float32: reader.appendFloats(to: &values)
    case .float64: reader.append(UInt64.self, to: &values) { Float(Double(bitPattern: $0)) }
    case .float16: reader.append(UInt16.self, to: &values) { Float(halfBits: $0) }
    case .bfloat16:
      reader.append(UInt16.self, to: &values) { Float(bitPattern: UInt32($0) << 16) }
    case .int8: reader.append(Int8.self, to: &values) { Float($0) }
    case .int16: reader.append(Int16.self, to: &values) { Float($0) }
    case .int32: reader.append(Int32.self, to: &values) { Float($0) }
    case .int64: reader.append(Int64.self, to: &values) { Float($0) }
    case .uint8: reader.append(UInt8.self, to: &values) { Float($0) }
    case .uint16: reader.append(UInt16.self, to: &values) { Float($0) }
    case .uint32: reader.append(UInt32.self, to: &values) { Float($0) }
    case .uint64: reader.append(UInt64.self, to: &values) { Float($0) }
    case .bool: reader.append(UInt8.self, to: &values) { $0 == 0 ? 0 : 1 }
    }
  }
}

/// Reads little-endian integers out of bytes that nobody frees meanwhile.
///
/// Invariant: only whole integers inside `bytes` are read.
private struct LittleEndianReader {
  let bytes: UnsafeRawBufferPointer

  /// Numbers that lie as this machine keeps them are taken as they are.
  func appendFloats(to values: inout [Float]) {
    let isAligned =
      bytes.baseAddress.map { UInt(bitPattern: $0) % UInt(MemoryLayout<Float>.alignment) == 0 }
      ?? true
    guard isAligned, UInt32(littleEndian: 1) == 1 else {
      return append(UInt32.self, to: &values) { Float(bitPattern: $0) }
    }
    bytes.withMemoryRebound(to: Float.self) { values.append(contentsOf: $0) }
  }

  func append<Stored: FixedWidthInteger>(
    _: Stored.Type, to values: inout [Float], _ convert: (Stored) -> Float
  ) {
    let size = MemoryLayout<Stored>.size
    for index in 0..<(bytes.count / size) {
      let stored = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
      values.append(convert(Stored(littleEndian: stored)))
    }
  }
}

/// A tensor whose numbers become float32 when they are read, each rounded to the nearest.
public struct FloatSource: TensorSource {
  private let source: any TensorSource
  private let elementType: ElementType

  /// The numbers of `source`, which are of the type `elementType`.
  public init(_ source: any TensorSource, elementType: ElementType) {
    self.source = source
    self.elementType = elementType
  }

  /// Four bytes for each number.
  public var byteCount: Int {
    (source.byteCount / elementType.byteCount).clampedProduct(ElementType.float32.byteCount)
  }

  /// Reads the numbers that lie in the range, which begins and ends with whole ones.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    let width = ElementType.float32.byteCount
    let stored = UnsafeMutableRawBufferPointer.allocate(
      byteCount: buffer.count / width * elementType.byteCount, alignment: 8)
    defer { stored.deallocate() }
    try source.read(into: stored, at: offset / width * elementType.byteCount)
    var values: [Float] = []
    values.reserveCapacity(buffer.count / width)
    elementType.append(UnsafeRawBufferPointer(stored), to: &values)
    values.withUnsafeBytes { buffer.copyMemory(from: $0) }
  }
}
