import FileSupport
import ModelGraph

/// Reads the numbers of parameters when an operation asks for them; nothing is kept but the buffers.
///
/// One thread at a time uses it.
package final class ParameterLoader {
  private let stream = TensorStream()

  /// A loader.
  package init() {}

  /// The numbers of a parameter as float32, in the C order of its shape.
  ///
  /// - Throws: `ModelFileError` naming the array: `damaged` if no file holds it.
  package func values(of parameter: Parameter) throws(ModelFileError) -> [Float] {
    // `convolutional_12.weights`: the layer is named by the engine.
    let array = parameter.name.split(separator: ".").dropFirst().joined(separator: ".")
    let place = ModelFileError.Place.array(array.isEmpty ? parameter.name : array)
    guard let source = parameter.source else {
      throw ModelFileError(
        .damaged, at: [place], "its numbers are missing",
        expected: "\(parameter.shape.elementCount) numbers of \(parameter.name)",
        found: "none: the weights file ends before them, or was not given",
        remedy: "give a weights file that is complete")
    }
    var values: [Float] = []
    values.reserveCapacity(parameter.shape.elementCount)
    do {
      try stream.forEachBand(
        of: source, elementType: parameter.elementType, view: parameter.view
      ) { band in
        parameter.elementType.append(band, to: &values)
      }
    } catch {
      throw error.at(place)
    }
    guard values.count == parameter.shape.elementCount else {
      throw ModelFileError(
        .internalFault, at: [place], "its view has another number of elements than its shape",
        expected: "\(parameter.shape.elementCount)", found: "\(values.count)")
    }
    return values
  }
}

extension ElementType {
  /// Appends stored numbers, each rounded to the nearest float32.
  package func append(_ bytes: UnsafeRawBufferPointer, to values: inout [Float]) {
    let reader = LittleEndianReader(bytes: bytes)
    switch self {
    case .float32: reader.append(UInt32.self, to: &values) { Float(bitPattern: $0) }
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
