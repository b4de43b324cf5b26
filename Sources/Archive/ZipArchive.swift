import FileSupport

/// A zip archive, open for reading: `.keras`, `.npz`.
///
/// Nothing in it is unpacked under its own name. Members are read into memory or into a file without a
/// name, each with a bound; before any byte is inflated, its sizes are held against the archive's.
public struct ZipArchive: Sendable {
  /// The archive's file.
  public let file: InputFile
  /// What it lists, in that order.
  public let members: [ZipMember]
  private let limits: ArchiveLimits
  private let positions: [[UInt8]: Int]

  private static let headerSignature: UInt32 = 0x0403_4B50
  private static let headerBytes = 30

  /// Reads the list of members.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the list is broken, lists a name twice or
  ///   more than the limits allow; of kind `unsupported` for an archive in several files.
  public init(
    _ file: InputFile, limits: ArchiveLimits = ArchiveLimits()
  ) throws(ModelFileError) {
    self.file = file
    self.limits = limits
    members = try ZipDirectory(file, limits: limits).members()
    var positions: [[UInt8]: Int] = [:]
    for (position, member) in members.enumerated() {
      guard positions.updateValue(position, forKey: member.nameBytes) == nil else {
        throw ModelFileError(
          .damaged, file: file.path, at: [.path(member.name)],
          "the archive holds two members of this name",
          remedy: "readers disagree which one counts; pack the archive anew")
      }
    }
    self.positions = positions
  }

  /// The member of this name.
  public subscript(name: String) -> ZipMember? {
    positions[Array(name.utf8)].map { members[$0] }
  }

  /// Where the bytes of a stored member lie in the archive's file; `nil` for a compressed one. Its
  /// checksum is not looked at.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if its headers contradict each other.
  public func storedOffset(of member: ZipMember) throws(ModelFileError) -> UInt64? {
    guard member.method == .stored else { return nil }
    return try dataOffset(of: member)
  }

  /// The bytes of a member.
  ///
  /// - Parameters:
  ///   - member: one of this archive's.
  ///   - limit: how many they may be.
  /// - Throws: `ModelFileError` of kind `damaged` if they are more or broken, of kind `unsupported`
  ///   if they are encrypted or compressed in an unknown way.
  public func bytes(of member: ZipMember, limit: UInt64) throws(ModelFileError) -> [UInt8] {
    var result: [UInt8] = []
    try read(member, limit: limit) { result.append(contentsOf: $0) }
    return result
  }

  /// Reads a member piece by piece.
  ///
  /// - Parameters:
  ///   - member: one of this archive's.
  ///   - limit: how many bytes it may have.
  ///   - body: is given the pieces in order.
  /// - Throws: as ``bytes(of:limit:)``, and what `body` throws.
  public func read(
    _ member: ZipMember, limit: UInt64,
    _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    guard member.size <= limit else {
      throw failure(
        member, "the member is too large", expected: "at most \(limit) bytes",
        found: "\(member.size)")
    }
    let offset = try dataOffset(of: member)
    var reader = MemberReader(file: file, member: member, offset: offset)
    do {
      try reader.read(body)
    } catch {
      throw error.kind == .damaged && error.places.isEmpty ? error.at(.path(member.name)) : error
    }
  }

  /// Holds a member's local header against the list, and its sizes against the file.
  private func dataOffset(of member: ZipMember) throws(ModelFileError) -> UInt64 {
    guard !member.isEncrypted else {
      throw ModelFileError(
        .unsupported, file: file.path, at: [.path(member.name)], "the member is encrypted",
        remedy: "unpack the archive with its password, and pack it without")
    }
    if case .other(let number) = member.method {
      throw ModelFileError(
        .unsupported, file: file.path, at: [.path(member.name)],
        "the member is compressed by a method that is not read", expected: "none, or deflate",
        found: "zip's method \(number)", remedy: "pack the archive anew without compression")
    }
    guard member.headerOffset < file.size,
      file.size - member.headerOffset >= UInt64(Self.headerBytes)
    else { throw failure(member, "the member lies beyond the end of the file") }
    var header = ByteFields(
      try file.bytes(at: member.headerOffset, count: Self.headerBytes)[...])
    guard header.word() == Self.headerSignature, header.take(4) != nil,
      let method = header.short(), header.take(16) != nil, let nameBytes = header.short(),
      let extraBytes = header.short()
    else { throw failure(member, "there is no member where the list says") }
    let offset =
      member.headerOffset + UInt64(Self.headerBytes) + UInt64(nameBytes) + UInt64(extraBytes)
    let name = try? file.bytes(
      at: member.headerOffset + UInt64(Self.headerBytes), count: Int(nameBytes))
    let isSameMethod = method == (member.method == .stored ? 0 : 8)
    guard isSameMethod, name == member.nameBytes else {
      throw failure(member, "the archive's list and the member itself contradict each other")
    }
    guard offset <= file.size, member.compressedSize <= file.size - offset else {
      throw failure(
        member, "the member reaches beyond the end of the file",
        expected: "\(member.compressedSize) bytes")
    }
    let mayBe =
      member.method == .stored
      ? member.size == member.compressedSize
      : member.size / limits.expansion <= member.compressedSize
    guard mayBe else {
      throw failure(
        member, "the member claims a size that it can't have",
        expected: member.method == .stored
          ? "\(member.compressedSize) bytes"
          : "at most \(limits.expansion) times its \(member.compressedSize) compressed bytes",
        found: "\(member.size) bytes")
    }
    return offset
  }

  private func failure(
    _ member: ZipMember, _ problem: String, expected: String? = nil, found: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .damaged, file: file.path, at: [.path(member.name)], problem, expected: expected,
      found: found)
  }
}
