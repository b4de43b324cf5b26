import Foundation
import TestSupport
import Testing

/// Exit codes 66 and 73: inputs that can't be read, outputs that can't be made.
struct PathErrorTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  @Test(arguments: [
    ("missing", ["inspect", "none.weights"]),
    ("missing-in-convert", ["convert", "none.weights", "a.h5"]),
    ("missing-cfg", ["inspect", "tiny.weights", "--cfg", "none.cfg"]),
    ("missing-folder", ["inspect", "none/tiny.weights"]),
    ("folder", ["inspect", "."]),
    ("folder-as-cfg", ["inspect", "tiny.weights", "--cfg", "."]),
    ("device", ["inspect", "/dev/null"]),
    ("empty-name", ["inspect", ""]),
  ])
  func unreadable(name: String, arguments: [String]) throws {
    try expectSnapshot(try place.nnfmt(arguments), code: 66, named: "path/\(name)")
  }

  /// Nobody writes to the pipe: whoever opened it the plain way would wait for ever.
  @Test(.timeLimit(.minutes(1))) func pipe() throws {
    try #require(mkfifo(place.url("pipe").path, 0o600) == 0)
    try expectSnapshot(try place.nnfmt("inspect", "pipe"), code: 66, named: "path/pipe")
  }

  @Test(.disabled(if: geteuid() == 0, "root reads everything")) func noPermission() throws {
    try #require(chmod(place.url("tiny.weights").path, 0) == 0)
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.weights"), code: 66, named: "path/no-permission")
  }

  @Test func outputExists() throws {
    try place.write("a.h5", "mine")
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "a.h5"), code: 73, named: "path/output-exists")
    #expect(try place.text("a.h5") == "mine")
  }

  @Test func outputCfgExists() throws {
    try place.prepare("convert", "tiny.weights", "a.h5")
    try place.write("back.cfg", "mine")
    try expectSnapshot(
      try place.nnfmt("convert", "a.h5", "back.weights"), code: 73, named: "path/output-cfg-exists")
  }

  @Test func outputIsAFolder() throws {
    try FileManager.default.createDirectory(
      at: place.url("a.h5"), withIntermediateDirectories: false)
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "a.h5", "--force"), code: 73,
      named: "path/output-is-a-folder")
  }

  @Test func outputFolderIsMissing() throws {
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "none/a.h5"), code: 73,
      named: "path/output-folder-missing")
  }

  @Test(.disabled(if: geteuid() == 0, "root writes everywhere")) func outputNotPermitted() throws {
    try FileManager.default.createDirectory(
      at: place.url("locked"), withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o500])
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "locked/a.h5"), code: 73,
      named: "path/output-not-permitted")
  }

  /// Names that a shell or a parser could trip over.
  @Test(arguments: ["two words", "-dash", "größe-ネット", "a.b.c", "*"]) func oddNames(
    stem: String
  ) throws {
    try place.put(stem, Sample.tiny)
    let there = try place.nnfmt("convert", "./\(stem).weights", "./\(stem) out.h5")
    #expect(there.made == ["\(stem) out.h5"], "\(there.err)")
    let behindDashes = try place.nnfmt("convert", "--", "\(stem).weights", "\(stem) 2.h5")
    #expect(behindDashes.made == ["\(stem) 2.h5"], "\(behindDashes.err)")
    let absolute = try place.nnfmt("inspect", place.url("\(stem) 2.h5").path)
    #expect(absolute.code == 0)
    #expect(absolute.out.hasPrefix(place.url("\(stem) 2.h5").path))
  }
}
