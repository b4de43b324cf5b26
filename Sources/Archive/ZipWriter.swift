import FileSupport

/// Writes a zip archive whose members are stored as they are, the first of them in place: another library writes it into
/// the same file, behind the room that its header takes.
///
/// Headers have no times: the same members give the same bytes. Sizes from 4 GiB on are told in zip64's way.
///
/// Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3.
public struct ZipWriter {
  /// Where the first member's bytes begin.
  public static let firstOffset: UInt64 = 512

  private let output: OutputFile
  private var directory: [UInt8] = []
  private var count = 0

  private static let localSignature: UInt32 = 0x0403_4B50
  private static let headerBytes = 30
  /// 1 January 1980, the first day that a zip archive can name.
  private static let date: UInt16 = 0x21
  private static let readBytes = 4 << 20
  /// An extra field of zero bytes: readers pass over kinds that they don't know.
  private static let padding: UInt16 = 0xD935

  /// Writes into a file in which the first member's bytes are, or will be.
  public init(_ output: OutputFile) { self.output = output }

  /// Adds the member that lies at ``firstOffset`` and reaches to the end of the file.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  public mutating func addFirst(named name: String) throws(ModelFileError) {
    let end = try output.moveToEnd()
    let written = try InputFile(path: output.temporaryPath)
    var sum = CheckSum()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.readBytes, alignment: 16)
    defer { buffer.deallocate() }
    while Self.firstOffset + sum.count < end {
      let rest = end - Self.firstOffset - sum.count
      let part = UnsafeMutableRawBufferPointer(
        rebasing: buffer.prefix(Int(min(rest, UInt64(buffer.count)))))
      try written.read(into: part, at: Self.firstOffset + sum.count)
      sum.add(UnsafeRawBufferPointer(part))
    }
    let member = Member(name: name, sum: sum, offset: 0)
    let room = Int(Self.firstOffset) - Self.headerBytes - name.utf8.count
    var extra = member.longSizes
    // The rest of the room, less the head of the field that fills it.
    let filling = room - extra.count - 4
    extra += bytes(of: Self.padding) + bytes(of: UInt16(filling))
    extra += [UInt8](repeating: 0, count: filling)
    try output.write(header(of: member, extra: extra), at: 0)
    list(member)
  }

  /// Adds a member with these bytes.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  public mutating func add(named name: String, _ bytes: [UInt8]) throws(ModelFileError) {
    var sum = CheckSum()
    bytes.withUnsafeBytes { sum.add($0) }
    let member = Member(name: name, sum: sum, offset: try output.moveToEnd())
    try output.append(header(of: member, extra: member.longSizes))
    try output.append(bytes)
    list(member)
  }

  /// Writes the list of members, which ends the archive.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  public func finish() throws(ModelFileError) {
    let offset = try output.moveToEnd()
    var end = directory
    if offset >= UInt64(UInt32.max) {
      let record = offset + UInt64(directory.count)
      end += bytes(of: UInt32(0x0606_4B50)) + bytes(of: UInt64(44)) + bytes(of: UInt16(45))
      end += bytes(of: UInt16(45)) + bytes(of: UInt32(0)) + bytes(of: UInt32(0))
      end += bytes(of: UInt64(count)) + bytes(of: UInt64(count))
      end += bytes(of: UInt64(directory.count)) + bytes(of: offset)
      end += bytes(of: UInt32(0x0706_4B50)) + bytes(of: UInt32(0)) + bytes(of: record)
      end += bytes(of: UInt32(1))
    }
    end += bytes(of: UInt32(0x0605_4B50)) + bytes(of: UInt32(0)) + bytes(of: UInt16(count))
    end += bytes(of: UInt16(count)) + bytes(of: UInt32(directory.count))
    end += bytes(of: UInt32(clamping: offset)) + bytes(of: UInt16(0))
    try output.append(end)
  }

  // MARK: Records

  private struct Member {
    let name: String
    let sum: CheckSum
    /// Where its header begins.
    let offset: UInt64

    var isLong: Bool { sum.count >= UInt64(UInt32.max) }
    /// The version of the format that a reader must know.
    var version: UInt16 { isLong || offset >= UInt64(UInt32.max) ? 45 : 20 }
    /// The size, or the sign that it stands in the extra field.
    var shortSize: UInt32 { isLong ? .max : UInt32(sum.count) }

    /// The extra field with both sizes, if they need it.
    var longSizes: [UInt8] {
      guard isLong else { return [] }
      return bytes(of: UInt16(1)) + bytes(of: UInt16(16)) + bytes(of: sum.count)
        + bytes(of: sum.count)
    }
  }

  /// What both headers of a member have: version, flags, method, time, sum, sizes, name.
  private func common(_ member: Member, extra: Int) -> [UInt8] {
    var fields = bytes(of: member.version) + bytes(of: UInt16(0)) + bytes(of: UInt16(0))
    fields += bytes(of: UInt16(0)) + bytes(of: Self.date) + bytes(of: member.sum.value)
    fields += bytes(of: member.shortSize) + bytes(of: member.shortSize)
    return fields + bytes(of: UInt16(member.name.utf8.count)) + bytes(of: UInt16(extra))
  }

  private func header(of member: Member, extra: [UInt8]) -> [UInt8] {
    bytes(of: Self.localSignature) + common(member, extra: extra.count) + Array(member.name.utf8)
      + extra
  }

  private mutating func list(_ member: Member) {
    var extra = member.longSizes
    if member.offset >= UInt64(UInt32.max) {
      let sizes = extra.dropFirst(4)
      extra = bytes(of: UInt16(1)) + bytes(of: UInt16(sizes.count + 8)) + sizes
      extra += bytes(of: member.offset)
    }
    count += 1
    directory += bytes(of: UInt32(0x0201_4B50)) + bytes(of: member.version)
    directory += common(member, extra: extra.count)
    // Comment, disk, and attributes: a plain file that its owner may write.
    directory += bytes(of: UInt16(0)) + bytes(of: UInt16(0)) + bytes(of: UInt16(0))
    directory += bytes(of: UInt32(0)) + bytes(of: UInt32(clamping: member.offset))
    directory += Array(member.name.utf8) + extra
  }
}

/// A number as little-endian bytes.
private func bytes(of number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
