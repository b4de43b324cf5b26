import CZip
import FileSupport

/// A running CRC-32 and count of bytes.
struct CheckSum {
  private(set) var count: UInt64 = 0
  private var sum: UInt = 0

  var value: UInt32 { UInt32(truncatingIfNeeded: sum) }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    sum = crc32_z(sum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    count += UInt64(bytes.count)
  }
}
