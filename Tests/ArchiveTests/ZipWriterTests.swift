import FileSupport
import TestSupport
import Testing

@testable import Archive

/// Archives that are written, read again.
@Suite struct ZipWriterTests {
  @Test func theFirstMemberStaysInItsPlace() throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(path: folder.path("m.keras"), overwrites: false)
    let first = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try output.write(first, at: ZipWriter.firstOffset)
    var zip = ZipWriter(output)
    try zip.addFirst(named: "model.weights.h5")
    try zip.add(named: "empty", [])
    try zip.add(named: "config.json", Array("{}".utf8))
    try zip.finish()
    try OutputFile.commit([output])
    let archive = try ZipArchive(try InputFile(path: folder.path("m.keras")))
    #expect(archive.members.map(\.name) == ["model.weights.h5", "empty", "config.json"])
    #expect(try archive.storedOffset(of: archive.members[0]) == ZipWriter.firstOffset)
    // Reading checks the sums.
    let contents = try archive.members.map { try archive.bytes(of: $0, limit: 20_000) }
    #expect(contents == [first, [], Array("{}".utf8)])
  }
}
