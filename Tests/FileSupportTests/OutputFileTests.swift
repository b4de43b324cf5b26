import Foundation
import TestSupport
import Testing

@testable import FileSupport

struct OutputFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func output(
    _ name: String, _ text: String, overwrites: Bool = false
  ) throws -> OutputFile {
    let file = try OutputFile(path: folder.path(name), overwrites: overwrites)
    try file.append(Array(text.utf8))
    return file
  }

  @Test func appearsWhole() throws {
    let file = try output("a", "one ")
    #expect(!FileManager.default.fileExists(atPath: folder.path("a")))
    #expect(try String(contentsOfFile: file.temporaryPath, encoding: .utf8) == "one ")
    try file.append(Array("two".utf8))
    try file.append([])
    try OutputFile.commit([file])
    #expect(try folder.text("a") == "one two")
    #expect(try folder.names == ["a"])
  }

  @Test func nothingIsLeftWhenDropped() throws {
    do {
      let file = try output("a", "half")
      #expect(try folder.names.count == 1)
      _ = file
    }
    #expect(try folder.names == [])
  }

  @Test func existingFileIsKept() throws {
    try folder.write("a", Array("old".utf8))
    let error = try failure { try OutputFile(path: folder.path("a"), overwrites: false) }
    #expect(error.kind == .cannotCreate)
    #expect(error.remedy?.contains("--force") == true)
    #expect(try folder.text("a") == "old")
    #expect(try folder.names == ["a"])
  }

  @Test func fileThatAppearsMeanwhileIsKept() throws {
    let file = try output("a", "new")
    try folder.write("a", Array("old".utf8))
    #expect(try failure { try OutputFile.commit([file]) }.kind == .cannotCreate)
    #expect(try folder.text("a") == "old")
  }

  @Test func overwrites() throws {
    try folder.write("a", Array("old".utf8))
    try OutputFile.commit([try output("a", "new", overwrites: true)])
    #expect(try folder.text("a") == "new")
    #expect(try folder.names == ["a"])
  }

  @Test func droppedOverwriteKeepsTheOldFile() throws {
    try folder.write("a", Array("old".utf8))
    _ = try output("a", "new", overwrites: true)
    #expect(try folder.text("a") == "old")
    #expect(try folder.names == ["a"])
  }

  @Test func twoFilesBoth() throws {
    try OutputFile.commit([try output("a", "1"), try output("b", "2")])
    #expect(try folder.names == ["a", "b"])
    #expect(try folder.text("b") == "2")
  }

  /// The second can't take its name, so that the first must not keep its own.
  @Test(arguments: [false, true]) func twoFilesNeither(firstOverwrites: Bool) throws {
    if firstOverwrites { try folder.write("a", Array("old".utf8)) }
    do {
      let first = try output("a", "1", overwrites: firstOverwrites)
      let second = try output("b", "2")
      try folder.write("b", Array("mine".utf8))
      #expect(try failure { try OutputFile.commit([first, second]) }.file == folder.path("b"))
    }
    #expect(try folder.names == (firstOverwrites ? ["a", "b"] : ["b"]))
    #expect(try folder.text("b") == "mine")
    if firstOverwrites { #expect(try folder.text("a") == "old") }
  }

  @Test func symbolicLinkStaysALink() throws {
    try folder.write("real", Array("old".utf8))
    try #require(symlink("real", folder.path("link")) == 0)
    try OutputFile.commit([try output("link", "new", overwrites: true)])
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "real")
    #expect(try folder.text("real") == "new")
  }

  @Test func danglingLinkIsRefusedBeforeTheWork() throws {
    try #require(symlink("nothing", folder.path("link")) == 0)
    let error = try failure { try OutputFile(path: folder.path("link"), overwrites: true) }
    #expect(error.kind == .cannotCreate)
    #expect(try folder.names == ["link"])
  }

  @Test(arguments: ["none/a", "none/deep/a", "none/"]) func missingFolder(name: String) throws {
    let error = try failure { try OutputFile(path: folder.path(name), overwrites: true) }
    #expect(error.kind == .cannotCreate)
    #expect(error.remedy == "create the folder first")
  }

  @Test func folderIsNoOutput() throws {
    #expect(
      try failure { try OutputFile(path: folder.root.path, overwrites: true) }.kind == .cannotCreate
    )
    try folder.write("a", [])
    let error = try failure { try OutputFile(path: folder.path("a/b"), overwrites: true) }
    #expect(error.kind == .cannotCreate)
  }

  @Test func emptyName() throws {
    #expect(try failure { try OutputFile(path: "", overwrites: true) }.kind == .cannotCreate)
  }

  @Test(arguments: ["x", "ä", "🧠"]) func longNames(letter: String) throws {
    let name = String(repeating: letter, count: 255 / letter.utf8.count)
    try OutputFile.commit([try output(name, "1")])
    try OutputFile.commit([try output(name, "2", overwrites: true)])
    #expect(try folder.text(name) == "2")
    #expect(try folder.names == [name])
  }

  @Test func tooLongANameIsRefusedBeforeTheWork() throws {
    let name = String(repeating: "x", count: 256)
    let error = try failure { try OutputFile(path: folder.path(name), overwrites: false) }
    #expect(error.kind == .cannotCreate)
    #expect(error.remedy == "choose a shorter name")
  }

  /// What a library that writes files itself puts under the temporary name counts.
  @Test func writtenByAnother() throws {
    let file = try OutputFile(path: folder.path("a"), overwrites: false)
    try Data("outside".utf8).write(to: URL(fileURLWithPath: file.temporaryPath))
    try OutputFile.commit([file])
    #expect(try folder.text("a") == "outside")
  }
}

/// Removing every temporary file of the process would take those of tests beside this one, so that it
/// is tried in a process of its own.
@Suite(.serialized) struct TemporaryFilesTests {
  @Test func removeAllInAChild() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let first = try OutputFile(path: folder.path("a"), overwrites: false)
      try first.append([1])
      let second = try OutputFile(path: folder.path("b"), overwrites: false)
      TemporaryFiles.removeAll()
      try #require(try folder.names == [])
      let error = try failure { try OutputFile.commit([second]) }
      try #require(error.kind == .inputOutput || error.kind == .cannotCreate)
      try #require(try folder.names == [])
      _ = first
    }
  }

  /// A disk that is full, as a limit on the size of files plays it.
  @Test func diskFull() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      signal(SIGXFSZ, SIG_IGN)
      do {
        let file = try OutputFile(path: folder.path("a"), overwrites: false)
        var limit = rlimit(rlim_cur: 1000, rlim_max: rlim_t.max)
        try #require(setrlimit(__rlimit_resource_t(1), &limit) == 0)
        let error = try failure { try file.append([UInt8](repeating: 1, count: 5000)) }
        try #require(error.kind == .inputOutput)
        try #require(error.file == folder.path("a"))
      }
      try #require(try folder.names == [])
    }
  }
}

/// A folder that is made for outputs.
struct OutputFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Makes a folder of outputs, and lets it go away without a commit.
  private func abandon(_ name: String, beside other: String? = nil) throws {
    let outputs = try OutputFolder(path: folder.path(name))
    try outputs.add("a", overwrites: false).append([1])
    if let other { try folder.write("\(name)/\(other)", [1]) }
  }

  @Test func aNewFolderGoesWithItsOutputs() throws {
    try abandon("new")
    #expect(try folder.names == [])
  }

  @Test func whatSomebodyElsePutThereStays() throws {
    try abandon("new", beside: "b")
    #expect(try folder.names == ["new"])
  }

  @Test func anOldFolderStays() throws {
    try OutputFolder(path: folder.path("old")).commit()
    try abandon("old")
    #expect(try folder.names == ["old"])
  }

  @Test func committed() throws {
    let outputs = try OutputFolder(path: folder.path("new"))
    try outputs.add("a", overwrites: false).append([1])
    try outputs.commit()
    #expect(try InputFile(path: folder.path("new/a")).size == 1)
    #expect(!TemporaryFiles.contains(folder.path("new")))
  }
}
