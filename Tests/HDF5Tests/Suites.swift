import FileSupport
import Testing

@testable import HDF5

/// All tests of the target, one after the other: some count what is open in the whole process.
@Suite("HDF5", .serialized)
enum HDF5Tests {}

/// The error that `body` throws, recorded as an issue if it throws none.
func failure(_ body: () throws -> Void) -> ModelFileError? {
  do {
    try body()
    Issue.record("nothing was thrown")
  } catch let error as ModelFileError {
    return error
  } catch {
    Issue.record(error)
  }
  return nil
}

extension Dataset {
  /// All elements as stored, little endian.
  func allBytes(rows: Range<Int>? = nil) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xEE, count: try elementCount(rows: rows) * datatype.size)
    try bytes.withUnsafeMutableBytes { try read(rows: rows, into: $0) }
    return bytes
  }

  /// All elements as float32.
  func allFloats(rows: Range<Int>? = nil) throws -> [Float] {
    var floats = [Float](repeating: .nan, count: try elementCount(rows: rows))
    try floats.withUnsafeMutableBufferPointer { try readFloats(rows: rows, into: $0) }
    return floats
  }

  /// Writes the elements of an array.
  func write<Element: BitwiseCopyable>(_ elements: [Element], rows: Range<Int>? = nil) throws {
    try elements.withUnsafeBytes { try write(rows: rows, from: $0) }
  }
}
