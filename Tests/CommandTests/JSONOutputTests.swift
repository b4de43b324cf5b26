import Foundation
import TestSupport
import Testing

/// The documents of `--json`, whole.
struct JSONOutputTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  @Test(arguments: [
    (["tiny.cfg"], "cfg"), (["tiny.weights"], "weights"),
    (["tiny.weights", "--stats", "--hash"], "weights-stats-hash"),
  ])
  func inspect(arguments: [String], name: String) throws {
    let answer = try place.nnfmt(["inspect"] + arguments + ["--json"])
    #expect(answer.code == 0)
    #expect(answer.err == "")
    try expectSnapshot(answer.out, named: "json/inspect-\(name)")
  }

  @Test func convert() throws {
    let there = try place.nnfmt("convert", "tiny.weights", "out.h5", "--json")
    try expectSnapshot(there, code: 0, named: "json/convert-to-h5")
    let back = try place.nnfmt("convert", "out.h5", "back.weights", "--json")
    try expectSnapshot(back, code: 0, named: "json/convert-to-weights")
    #expect(try place.bytes("back.weights") == place.bytes("tiny.weights"))
    #expect(try place.bytes("back.cfg") == place.bytes("tiny.cfg"))
  }

  /// A file that does not fit is still described, and the error goes elsewhere.
  @Test func misfit() throws {
    try place.write("cut.weights", Array(try place.bytes("tiny.weights").prefix(600)))
    let answer = try place.nnfmt("inspect", "cut.weights", "--cfg", "tiny.cfg", "--json")
    try expectSnapshot(answer, code: 65, named: "json/inspect-truncated")
    #expect(throws: Never.self) {
      try JSONSerialization.jsonObject(with: Data(answer.out.utf8))
    }
  }

  @Test(arguments: [
    ["inspect", "none.weights"], ["inspect", "tiny.cfg", "--cfg", "tiny.cfg", "--dialect", "none"],
    ["convert", "none.weights", "out.h5"], ["convert", "tiny.cfg", "out.h5"],
  ])
  func nothingButDocumentsOnStandardOutput(arguments: [String]) throws {
    let answer = try place.nnfmt(arguments + ["--json"])
    #expect(answer.code != 0)
    #expect(answer.out == "")
    #expect(answer.err != "")
  }
}
