import FileSupport
import TestSupport

@testable import Archive

/// A zip archive put together byte by byte, so that each part can be made wrong.
struct ZipText {
  /// A member with what its headers say.
  struct Entry {
    var name: [UInt8]
    var bytes: [UInt8]
    var size: UInt64
    var checksum: UInt32
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// The name in the member's own header, where it differs.
    var localName: [UInt8]?
    /// Whether the sizes stand in zip64's extra field.
    var isLong = false

    init(_ name: String, _ bytes: [UInt8], checksum: UInt32 = 0) {
      self.name = Array(name.utf8)
      self.bytes = bytes
      size = UInt64(bytes.count)
      self.checksum = checksum
    }
  }

  var entries: [Entry]
  var comment: [UInt8] = []
  /// Whether the list is told of by zip64's records.
  var isLong = false
  var listedCount: Int?

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var list: [UInt8] = []
    for entry in entries {
      let offset = file.count
      let name = entry.localName ?? entry.name
      let compressed = UInt64(entry.bytes.count)
      let stated = entry.isLong ? UInt64(UInt32.max) : entry.size
      let statedCompressed = entry.isLong ? UInt64(UInt32.max) : compressed
      let extra =
        entry.isLong
        ? little(1, 2) + little(16, 2) + little(entry.size, 8) + little(compressed, 8)
        : []
      let middle =
        little(UInt64(entry.flags), 2) + little(UInt64(entry.method), 2) + little(0, 4)
        + little(UInt64(entry.checksum), 4) + little(statedCompressed, 4) + little(stated, 4)
      file += little(0x0403_4B50, 4) + little(20, 2) + middle
      file += little(UInt64(name.count), 2) + little(UInt64(extra.count), 2) + name + extra
      file += entry.bytes
      list += little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + middle
      list += little(UInt64(entry.name.count), 2) + little(UInt64(extra.count), 2)
      list += little(0, 2) + little(0, 2) + little(0, 6) + little(UInt64(offset), 4)
      list += entry.name + extra
    }
    let start = file.count
    file += list
    let count = UInt64(listedCount ?? entries.count)
    if isLong {
      let record = file.count
      file += little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2)
      file += little(0, 8) + little(count, 8) + little(count, 8) + little(UInt64(list.count), 8)
      file += little(UInt64(start), 8)
      file += little(0x0706_4B50, 4) + little(0, 4) + little(UInt64(record), 8) + little(1, 4)
    }
    let short = isLong ? UInt64(UInt16.max) : count
    file += little(0x0605_4B50, 4) + little(0, 4) + little(short, 2) + little(short, 2)
    file += little(isLong ? UInt64(UInt32.max) : UInt64(list.count), 4)
    file += little(isLong ? UInt64(UInt32.max) : UInt64(start), 4)
    return file + little(UInt64(comment.count), 2) + comment
  }

  private func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }
}

/// A file in a temporary folder.
struct ScratchFile {
  private let folder: TemporaryFolder
  let path: String

  init(_ bytes: [UInt8]) throws {
    folder = try TemporaryFolder()
    path = try folder.write("a.zip", bytes)
  }

  func archive(_ limits: ArchiveLimits = ArchiveLimits()) throws(ModelFileError) -> ZipArchive {
    try ZipArchive(try InputFile(path: path), limits: limits)
  }
}
