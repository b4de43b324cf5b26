import Foundation
import TestSupport
import Testing

/// `nnfmt diff`: what differs, in every form; and what can't be compared.
struct DiffTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("net", Sample.plain)
    try place.prepare("convert", "net.weights", "net.h5")
    var content = try place.bytes("net.weights")
    // The images seen, and two weights of the first layer, behind four arrays of four numbers.
    content.replaceSubrange(12..<14, with: [1, 2])
    content.replaceSubrange(84..<88, with: bytes(of: 3))
    content.replaceSubrange(92..<96, with: bytes(of: .nan))
    try place.write("other.weights", content)
    try place.write("other.cfg", Sample.plain.replacing("leaky", with: "mish"))
  }

  @Test(arguments: ["text", "stat", "json", "quiet", "values"]) func difference(form: String) throws
  {
    let options = form == "text" ? [] : form == "values" ? ["--values", "1"] : ["--\(form)"]
    try expectSnapshot(
      try place.nnfmt(["diff", "net.weights", "other.weights"] + options), code: 1,
      named: "diff/difference-\(form)")
  }

  @Test(arguments: ["text", "stat", "json", "quiet"]) func equal(form: String) throws {
    try expectSnapshot(
      try place.nnfmt(
        ["diff", "net.weights", "net.h5"] + (form == "text" ? [] : ["--\(form)"])), code: 0,
      named: "diff/equal-\(form)")
  }

  @Test(arguments: [
    ("across-formats", 1, ["net.h5", "other.weights", "--cfg", "net.cfg"]),
    ("configs", 1, ["net.cfg", "other.cfg"]),
    ("no-file", 1, ["/dev/null", "net.weights", "--stat"]),
    ("cfg-and-weights", 1, ["net.cfg", "net.weights", "--stat"]),
    ("no-second", 64, ["net.weights"]), ("missing", 66, ["net.weights", "none.h5"]),
    ("two-forms", 64, ["net.weights", "net.h5", "--stat", "--json"]),
    ("stray-exit-code", 64, ["net.weights", "net.h5", "--exit-code"]),
    ("git-arguments", 64, ["--git", "a", "b"]),
    ("textconv-json", 64, ["--textconv", "net.h5", "--json"]),
    ("keras-cfg", 65, ["net.weights", "other.weights", "--cfg", "net.h5"]),
    ("textconv-weights", 0, ["--textconv", "net.weights"]),
    ("textconv-cfg", 0, ["--textconv", "net.weights", "--cfg", "net.cfg"]),
    ("textconv-h5", 0, ["--textconv", "net.h5"]),
  ])
  func command(name: String, code: Int32, arguments: [String]) throws {
    try expectSnapshot(
      try place.nnfmt(["diff"] + arguments), code: code, named: "diff/\(name)")
  }

  /// A cfg that is another network's is an error, unless git's copy of an old version is read beside the one of today.
  @Test func misfit() throws {
    try place.write("more.cfg", Sample.plain.replacing("filters=16", with: "filters=18"))
    try place.write("old", place.bytes("net.weights"))
    try place.write("new", place.bytes("other.weights"))
    try expectSnapshot(
      try place.nnfmt("diff", "old", "new", "--cfg", "more.cfg"), code: 65, named: "diff/misfit")
    let git = ["diff", "--git", "more.weights", "old", "0000", "100644", "new", "0001", "100644"]
    try expectSnapshot(try place.nnfmt(git), code: 0, named: "diff/git-misfit")
    #expect(try place.nnfmt(git + ["--exit-code"]).code == 1)
    // What can't be read must not end the diff of all other files.
    try place.write("new", "no model")
    try expectSnapshot(try place.nnfmt(git), code: 0, named: "diff/git-damaged")
    #expect(try place.nnfmt(git + ["--exit-code"]).code == 65)
    try expectSnapshot(
      try place.nnfmt("diff", "--git", "m.weights"), code: 0, named: "diff/git-unmerged")
  }

  /// The text is of the content alone, not of what stands beside the file.
  @Test func textOfTheContent() throws {
    try place.write("elsewhere", place.bytes("net.weights"))
    let here = try place.nnfmt("diff", "--textconv", "net.weights")
    #expect(here.out == (try place.nnfmt("diff", "--textconv", "elsewhere")).out)
  }
}
