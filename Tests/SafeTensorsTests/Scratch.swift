import FileSupport
import ModelGraph
import TestSupport

@testable import SafeTensors

/// Files of a test.
final class Scratch: TemporaryFolder {
  /// A file of these bytes, read.
  func read(_ bytes: [UInt8]) throws -> TensorContainer {
    try SafeTensorsFormat().open(try InputFile(path: try write("x.safetensors", bytes)))
  }

  /// A file with this header, told with its true length, and as many bytes behind it, read.
  func read(header: String, dataBytes: Int) throws -> TensorContainer {
    try read(Self.bytes(header: header, dataBytes: dataBytes))
  }

  static func bytes(header: String, dataBytes: Int) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + Array(header.utf8)
      + (0..<dataBytes).map { UInt8(truncatingIfNeeded: $0) }
  }
}
