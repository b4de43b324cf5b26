import FileSupport
import Testing

@testable import Archive

/// Archives, sound and hostile.
@Suite struct ZipArchiveTests {
  /// `abc` and its CRC-32.
  private static let text = Array("abc".utf8)
  private static let textSum: UInt32 = 0x3524_41C2
  /// 1,000 times `a`, deflated, and its CRC-32.
  private static let deflated: [UInt8] = [
    0x4B, 0x4C, 0x1C, 0x05, 0xA3, 0x60, 0x14, 0x0C, 0x77, 0x00, 0x00,
  ]
  private static let deflatedSum: UInt32 = 0x9A38_DA03

  private static func stored(_ name: String) -> ZipText.Entry {
    ZipText.Entry(name, text, checksum: textSum)
  }

  private static func squeezed() -> ZipText.Entry {
    var entry = ZipText.Entry("a", deflated, checksum: deflatedSum)
    entry.method = 8
    entry.size = 1000
    return entry
  }

  @Test func membersAreListedAndRead() throws {
    var text = ZipText(entries: [Self.stored("config.json"), Self.stored("x/y"), Self.squeezed()])
    text.comment = Array("PK\u{5}\u{6} in a comment".utf8)
    let scratch = try ScratchFile(text.bytes)
    let archive = try scratch.archive()
    #expect(archive.members.map(\.name) == ["config.json", "x/y", "a"])
    let config = try #require(archive["config.json"])
    #expect(try archive.bytes(of: config, limit: 3) == Self.text)
    let offset = try #require(try archive.storedOffset(of: config))
    #expect(try archive.file.bytes(at: offset, count: 3) == Self.text)
    let long = try #require(archive["a"])
    #expect(try archive.storedOffset(of: long) == nil)
    #expect(try archive.bytes(of: long, limit: 1000) == [UInt8](repeating: 0x61, count: 1000))
    #expect(archive["y"] == nil)
  }

  @Test func longRecordsAreRead() throws {
    var entry = Self.stored("big")
    entry.isLong = true
    var text = ZipText(entries: [entry])
    text.isLong = true
    let scratch = try ScratchFile(text.bytes)
    let archive = try scratch.archive()
    let member = try #require(archive["big"])
    #expect(member.size == 3)
    #expect(try archive.bytes(of: member, limit: 10) == Self.text)
  }

  @Test(arguments: ["../../evil", "/etc/passwd", "a\\b", "C:x", "a/../b"])
  func namesThatLeadAstrayAreOnlyNames(name: String) throws {
    let scratch = try ScratchFile(ZipText(entries: [Self.stored(name)]).bytes)
    let member = try #require(try scratch.archive().members.first)
    #expect(member.leadsAstray)
    #expect(try scratch.archive().bytes(of: member, limit: 3) == Self.text)
  }

  @Test func ordinaryNamesDoNotLeadAstray() throws {
    let scratch = try ScratchFile(ZipText(entries: [Self.stored("assets/a..b/c.txt")]).bytes)
    #expect(try scratch.archive().members.first?.leadsAstray == false)
  }

  @Test func namesAreBytes() throws {
    // The same letter, composed and decomposed, is two names.
    let scratch = try ScratchFile(
      ZipText(entries: [Self.stored("\u{E9}"), Self.stored("e\u{301}")]).bytes)
    #expect(try scratch.archive().members.count == 2)
  }

  @Test func twoMembersOfOneNameAreRefused() throws {
    try refuse(ZipText(entries: [Self.stored("a"), Self.stored("a")]), .damaged, "two members")
  }

  @Test func encryptedMembersAreRefused() throws {
    var entry = Self.stored("a")
    entry.flags = 1
    try refuseReading(entry, .unsupported, "encrypted")
  }

  @Test func otherMethodsAreRefused() throws {
    var entry = Self.stored("a")
    entry.method = 93
    try refuseReading(entry, .unsupported, "method")
  }

  @Test func changedBytesAreFound() throws {
    var entry = Self.stored("a")
    entry.bytes[1] ^= 1
    try refuseReading(entry, .damaged, "checksum")
    var broken = Self.squeezed()
    broken.bytes[0] = 0xFF
    try refuseReading(broken, .damaged, "broken")
  }

  @Test func sizesThatLieAreFound() throws {
    var entry = Self.squeezed()
    entry.size = 999
    try refuseReading(entry, .damaged, "more than stated")
    entry.size = 1001
    try refuseReading(entry, .damaged, "another size")
    // No deflate stream of eleven bytes can stand for so much.
    entry.size = 1 << 40
    entry.isLong = true
    try refuseReading(entry, .damaged, "can't have", limit: 1 << 50)
    var short = Self.stored("a")
    short.size = 2
    try refuseReading(short, .damaged, "can't have")
  }

  @Test func limitsHold() throws {
    try refuseReading(Self.squeezed(), .damaged, "too large", limit: 999)
    var limits = ArchiveLimits()
    limits.members = 1
    let scratch = try ScratchFile(ZipText(entries: [Self.stored("a"), Self.stored("b")]).bytes)
    #expect(throws: ModelFileError.self) { try scratch.archive(limits) }
  }

  @Test func aMemberMustAgreeWithTheList() throws {
    var entry = Self.stored("a")
    entry.localName = Array("b".utf8)
    try refuseReading(entry, .damaged, "contradict")
  }

  @Test func aListThatIsTooShortIsRefused() throws {
    var text = ZipText(entries: [Self.stored("a")])
    text.listedCount = 2
    try refuse(text, .damaged, "broken")
  }

  @Test func noCutIsSilentOrCrashes() throws {
    let whole = ZipText(entries: [Self.stored("a"), Self.squeezed()]).bytes
    for count in 0..<whole.count {
      let scratch = try ScratchFile(Array(whole[..<count]))
      #expect(throws: ModelFileError.self) { try scratch.archive() }
    }
  }

  @Test func noChangedByteCrashes() throws {
    let whole = ZipText(entries: [Self.stored("a"), Self.squeezed()]).bytes
    for index in whole.indices {
      for change: UInt8 in [0x01, 0x80, 0xFF] {
        var bytes = whole
        bytes[index] ^= change
        let scratch = try ScratchFile(bytes)
        guard let archive = try? scratch.archive() else { continue }
        for member in archive.members { _ = try? archive.bytes(of: member, limit: 1 << 20) }
      }
    }
  }

  private func refuse(
    _ text: ZipText, _ kind: ModelFileError.Kind, _ problem: String
  ) throws {
    let scratch = try ScratchFile(text.bytes)
    let error = #expect(throws: ModelFileError.self) { try scratch.archive() }
    #expect(error?.kind == kind)
    #expect(error?.problem.contains(problem) == true)
  }

  private func refuseReading(
    _ entry: ZipText.Entry, _ kind: ModelFileError.Kind, _ problem: String, limit: UInt64 = 4096
  ) throws {
    let scratch = try ScratchFile(ZipText(entries: [entry]).bytes)
    let archive = try scratch.archive()
    let member = try #require(archive.members.first)
    let error = #expect(throws: ModelFileError.self) {
      try archive.bytes(of: member, limit: limit)
    }
    #expect(error?.kind == kind)
    #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
  }
}
