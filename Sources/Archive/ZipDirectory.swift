import FileSupport

/// Reads the list of members at the end of a zip archive, with zip64's extensions.
struct ZipDirectory {
  private let file: InputFile
  private let limits: ArchiveLimits

  private static let endSignature: [UInt8] = [0x50, 0x4B, 5, 6]
  private static let end64Signature: UInt32 = 0x0606_4B50
  private static let locator64Signature: UInt32 = 0x0706_4B50
  private static let entrySignature: UInt32 = 0x0201_4B50
  /// The end record, and the longest comment that may follow it.
  private static let endBytes = 22
  private static let commentBytes = 65_535
  private static let locatorBytes = 20
  private static let end64Bytes = 56

  init(_ file: InputFile, limits: ArchiveLimits) {
    self.file = file
    self.limits = limits
  }

  /// Where the list lies.
  private struct Extent {
    var count: UInt64
    var offset: UInt64
    var size: UInt64
    /// Where the records behind the list begin.
    var limit: UInt64
  }

  /// The members in the order of the list.
  ///
  /// - Throws: `ModelFileError` of kind `damaged`, or `unsupported` for an archive in several files.
  func members() throws(ModelFileError) -> [ZipMember] {
    let extent = try self.extent()
    guard extent.count <= UInt64(limits.members), extent.size <= limits.directoryBytes else {
      throw failure(
        "the archive lists too much",
        expected: "at most \(limits.members) members in \(limits.directoryBytes) bytes",
        found: "\(extent.count) members in \(extent.size) bytes")
    }
    let (end, overflows) = extent.offset.addingReportingOverflow(extent.size)
    guard !overflows, end <= extent.limit else {
      throw failure("the archive's list of members reaches beyond its end", at: extent.limit)
    }
    let bytes = try file.bytes(at: extent.offset, count: Int(extent.size))
    var fields = ByteFields(bytes[...])
    var members: [ZipMember] = []
    for _ in 0..<extent.count {
      let place = end - UInt64(fields.rest)
      guard let member = try entry(&fields) else {
        throw failure("the archive's list of members is broken", at: place)
      }
      members.append(member)
    }
    return members
  }

  /// Finds the record at the end, behind which only a comment may stand.
  private func extent() throws(ModelFileError) -> Extent {
    let count = Int(min(file.size, UInt64(Self.endBytes + Self.commentBytes)))
    let start = file.size - UInt64(count)
    let tail = try file.bytes(at: start, count: count)
    var position = count - Self.endBytes
    while position >= 0 {
      if tail[position...].starts(with: Self.endSignature) {
        var fields = ByteFields(tail[(position + 4)...])
        if let extent = try extent(&fields, at: start + UInt64(position)) { return extent }
      }
      position -= 1
    }
    throw failure(
      "the archive has no list of members", expected: "one at the end of the file",
      remedy: "the file is cut short; fetch it again")
  }

  /// Reads the record at the end; `nil` if its comment does not end where the file does.
  private func extent(
    _ fields: inout ByteFields, at place: UInt64
  ) throws(ModelFileError) -> Extent? {
    guard let disk = fields.short(), let startDisk = fields.short(), let here = fields.short(),
      let count = fields.short(), let size = fields.word(), let offset = fields.word(),
      let comment = fields.short(), Int(comment) == fields.rest
    else { return nil }
    if count == .max || size == .max || offset == .max {
      if let extent = try extent64(before: place) { return extent }
    }
    guard disk == 0, startDisk == 0, here == count else {
      throw ModelFileError(
        .unsupported, file: file.path, at: [.byte(place)],
        "an archive in several files can't be read", remedy: "join it with zip -s 0 first")
    }
    return Extent(
      count: UInt64(count), offset: UInt64(offset), size: UInt64(size), limit: place)
  }

  /// Reads the longer record of zip64, to which a locator in front of the short one leads.
  private func extent64(before place: UInt64) throws(ModelFileError) -> Extent? {
    guard place >= UInt64(Self.locatorBytes) else { return nil }
    let locatorPlace = place - UInt64(Self.locatorBytes)
    var locator = ByteFields(try file.bytes(at: locatorPlace, count: Self.locatorBytes)[...])
    guard locator.word() == Self.locator64Signature else { return nil }
    guard locator.word() == 0, let recordPlace = locator.long(), locator.word() ?? 0 <= 1,
      locatorPlace >= UInt64(Self.end64Bytes),
      recordPlace <= locatorPlace - UInt64(Self.end64Bytes)
    else { throw failure("the archive's zip64 locator is broken", at: locatorPlace) }
    var record = ByteFields(try file.bytes(at: recordPlace, count: Self.end64Bytes)[...])
    guard record.word() == Self.end64Signature, record.long() != nil, record.word() != nil,
      record.word() == 0, record.word() == 0, let here = record.long(),
      let count = record.long(), here == count, let size = record.long(),
      let offset = record.long()
    else { throw failure("the archive's zip64 record is broken", at: recordPlace) }
    return Extent(count: count, offset: offset, size: size, limit: recordPlace)
  }

  /// An entry of the list; `nil` if it is broken.
  private func entry(_ fields: inout ByteFields) throws(ModelFileError) -> ZipMember? {
    guard fields.word() == Self.entrySignature, fields.word() != nil, let flags = fields.short(),
      let method = fields.short(), fields.word() != nil, let checksum = fields.word(),
      let compressed = fields.word(), let size = fields.word(),
      let nameBytes = fields.short(), let extraBytes = fields.short(),
      let commentBytes = fields.short(), let disk = fields.short(), fields.take(6) != nil,
      let offset = fields.word(), let name = fields.take(Int(nameBytes)),
      let extra = fields.take(Int(extraBytes)), fields.take(Int(commentBytes)) != nil,
      disk == 0 || disk == .max
    else { return nil }
    guard name.count <= limits.nameBytes, !name.isEmpty, !name.contains(0) else {
      throw failure("a member of the archive has no usable name")
    }
    var long = Zip64Sizes(extra, flags: (size == .max, compressed == .max, offset == .max))
    guard let fullSize = size == .max ? long.next() : UInt64(size),
      let fullCompressed = compressed == .max ? long.next() : UInt64(compressed),
      let fullOffset = offset == .max ? long.next() : UInt64(offset)
    else { return nil }
    return ZipMember(
      nameBytes: Array(name), size: fullSize, compressedSize: fullCompressed,
      method: method == 0 ? .stored : method == 8 ? .deflated : .other(method),
      isEncrypted: flags & 0x41 != 0, checksum: checksum, headerOffset: fullOffset)
  }

  private func failure(
    _ problem: String, at place: UInt64? = nil, expected: String? = nil, found: String? = nil,
    remedy: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .damaged, file: file.path, at: place.map { [.byte($0)] } ?? [], problem, expected: expected,
      found: found, remedy: remedy)
  }
}

/// The 8-byte numbers in the extra field of an entry, for those that don't fit 4 bytes.
private struct Zip64Sizes {
  private var fields: ByteFields?

  init(_ extra: ArraySlice<UInt8>, flags: (Bool, Bool, Bool)) {
    guard flags.0 || flags.1 || flags.2 else { return }
    var rest = ByteFields(extra)
    while let kind = rest.short(), let count = rest.short(), let body = rest.take(Int(count)) {
      if kind == 1 {
        fields = ByteFields(body)
        return
      }
    }
  }

  /// The next number; `nil` if the field is missing or too short.
  mutating func next() -> UInt64? { fields?.long() }
}
