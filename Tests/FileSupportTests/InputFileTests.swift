import Foundation
import TestSupport
import Testing

@testable import FileSupport

struct InputFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func missing() throws {
    let error = try failure { try InputFile(path: folder.path("none")) }
    #expect(error.kind == .unreadable)
    #expect(error.cause?.contains("errno 2") == true)
    #expect(error.file == folder.path("none"))
  }

  @Test func folderIsNoFile() throws {
    let error = try failure { try InputFile(path: folder.root.path) }
    #expect(error.kind == .unreadable)
    #expect(error.problem == "is a folder")
  }

  /// Nobody writes to the pipe: opening it the plain way would wait for ever.
  @Test(.timeLimit(.minutes(1))) func pipeIsRefusedAtOnce() throws {
    try #require(mkfifo(folder.path("pipe"), 0o600) == 0)
    let error = try failure { try InputFile(path: folder.path("pipe")) }
    #expect(error.kind == .unreadable)
    #expect(error.problem == "is no regular file")
  }

  @Test func deviceIsRefused() throws {
    #expect(try failure { try InputFile(path: "/dev/null") }.kind == .unreadable)
  }

  @Test func anyRange() throws {
    let file = try InputFile(path: folder.write("a", Array(0..<100)))
    #expect(file.size == 100)
    #expect(try file.bytes(at: 0, count: 3) == [0, 1, 2])
    #expect(try file.bytes(at: 97, count: 3) == [97, 98, 99])
    #expect(try file.bytes(at: 50, count: 0) == [])
    #expect(try file.prefix(1000).count == 100)
    #expect(try file.prefix(4) == [0, 1, 2, 3])
  }

  @Test func rangeBeyondTheEnd() throws {
    let file = try InputFile(path: folder.write("a", Array(0..<10)))
    let error = try failure { try file.bytes(at: 8, count: 4) }
    #expect(error.kind == .damaged)
    #expect(error.places == [.byte(10)])
    #expect(error.expected == "2 more bytes")
    #expect(try failure { try file.bytes(at: .max, count: 1) }.file == file.path)
  }

  /// Another process cuts the file while it is open.
  @Test func cutWhileOpen() throws {
    let path = try folder.write("a", Array(0..<10))
    let file = try InputFile(path: path)
    try #require(truncate(path, 4) == 0)
    #expect(try failure { try file.bytes(at: 0, count: 10) }.places == [.byte(4)])
  }
}
