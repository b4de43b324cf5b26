import Foundation
import TestSupport
import Testing

/// Standard streams that are closed, full or left early, and limits that the shell sets.
struct StreamTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  /// Runs a line of shell in which `nnfmt` is ours; its exit code.
  private func shell(_ line: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "nnfmt() { \"$NNFMT\" \"$@\"; }\n\(line)"]
    process.currentDirectoryURL = place.root
    process.environment = Command.environment(["NNFMT": Command.binary.path])
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: ["inspect tiny.cfg", "inspect tiny.weights --json", "--help", "--version"])
  func fullDisk(arguments: String) throws {
    #expect(try shell("nnfmt \(arguments) >/dev/full 2>err") == 74)
  }

  @Test(arguments: [">&-", "<&- >&-", "<&- >&- 2>&-"]) func closedStreams(how: String) throws {
    let before = try place.bytes("tiny.weights")
    #expect(try shell("nnfmt inspect tiny.weights --json \(how)") == 74)
    #expect(try shell("nnfmt convert tiny.weights a.h5 \(how)") == 74)
    #expect(try place.bytes("tiny.weights") == before)
    #expect(try !place.names.contains("a.h5"))
  }

  /// An output of which the user could not be told is withdrawn, and what it replaced comes back.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")), arguments: ["", "--json"])
  func reportThatCannotBeWritten(option: String) throws {
    let before = try place.names
    #expect(try shell("nnfmt convert tiny.weights a.h5 \(option) >/dev/full 2>/dev/null") == 74)
    #expect(try place.names == before)
    try place.prepare("convert", "tiny.weights", "b.h5")
    let old = Array("what was there\n".utf8)
    for name in ["back.weights", "back.cfg"] { try place.write(name, old) }
    #expect(
      try shell("nnfmt convert b.h5 back.weights --force \(option) >/dev/full 2>/dev/null") == 74)
    for name in ["back.weights", "back.cfg"] { #expect(try place.bytes(name) == old) }
    #expect(try place.names == before.union(["b.h5", "back.weights", "back.cfg"]))
    #expect(try shell("nnfmt convert b.h5 back.weights --force \(option) >out 2>/dev/null") == 0)
    #expect(try place.bytes("back.weights") == place.bytes("tiny.weights"))
    #expect(try place.names == before.union(["b.h5", "back.weights", "back.cfg", "out"]))
  }

  /// `convert X /dev/stdout | …`: a pipe has no name that an output could get.
  @Test func standardOutputAsOutput() throws {
    #expect(try shell("nnfmt convert tiny.weights /dev/stdout --to keras-h5 2>err | cat >out") == 0)
    #expect(try place.text("err").contains("a pipe or a device, no regular file"))
    #expect(try place.bytes("out").isEmpty)
  }

  @Test func standardErrorClosed() throws {
    #expect(try shell("nnfmt inspect tiny.weights 2>&- >out") == 0)
    #expect(try place.text("out").contains("status: complete"))
  }

  @Test func readerThatLeavesEarly() throws {
    let sections = String(repeating: "[convolutional]\nfilters=2\nactivation=linear\n", count: 3000)
    try place.write("long.cfg", Sample.network(sections))
    #expect(try shell("(nnfmt inspect long.cfg 2>err; echo $? >code) | head -1 >out") == 0)
    #expect(try place.text("code") == "0\n")
    #expect(try place.text("err") == "")
    #expect(try place.text("out").hasPrefix("long.cfg"))
  }

  /// `ulimit -f` counts blocks of 512 bytes or of 1024: either way the model does not fit.
  @Test func limitOnTheSizeOfFiles() throws {
    try place.put("large", try Sample.tiny("filters=4", "filters=400"))
    let before = try place.names
    #expect(try shell("ulimit -f 4; nnfmt convert large.weights a.h5 >/dev/null 2>/dev/null") == 74)
    #expect(try place.names == before)
  }
}
