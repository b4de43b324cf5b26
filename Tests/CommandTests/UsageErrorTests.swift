import TestSupport
import Testing

/// Exit code 64: what the command line itself gets wrong.
struct UsageErrorTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  @Test(arguments: [
    ("no-command", ["nonesuch"]),
    ("no-file", ["inspect"]),
    ("no-output", ["convert", "tiny.weights"]),
    ("too-many", ["inspect", "tiny.cfg", "tiny.weights"]),
    ("unknown-option", ["inspect", "tiny.cfg", "--stat"]),
    ("unknown-dialect", ["inspect", "tiny.cfg", "--dialect", "alexey"]),
    ("unknown-to", ["convert", "tiny.weights", "a.h5", "--to", "onnx"]),
    ("unknown-keras", ["convert", "tiny.weights", "a.h5", "--keras", "4"]),
    ("unknown-header", ["convert", "tiny.weights", "a.weights", "--header", "0.3"]),
    ("compress-0", ["convert", "tiny.weights", "a.h5", "--compress", "0"]),
    ("compress-text", ["convert", "tiny.weights", "a.h5", "--compress", "best"]),
    ("upto-negative", ["convert", "tiny.weights", "a.weights", "--upto", "-1"]),
    ("stray-compress", ["convert", "tiny.weights", "a.weights", "--compress", "3"]),
    ("stray-header", ["convert", "tiny.weights", "a.h5", "--header", "0.1"]),
    ("stray-upto", ["convert", "tiny.weights", "a.h5", "--upto", "2"]),
    ("stray-keras", ["convert", "tiny.weights", "a.weights", "--keras", "2"]),
    ("upto-beyond", ["convert", "tiny.weights", "a.weights", "--upto", "99"]),
    ("name-without-format", ["convert", "tiny.weights", "out"]),
    ("name-of-unknown-format", ["convert", "tiny.weights", "out.onnx"]),
    ("upto-text", ["convert", "tiny.weights", "a.weights", "--upto", "all"]),
    ("run-no-input", ["run", "tiny.weights", "--output", "out"]),
    ("run-layers", ["run", "tiny.weights", "--input", "x.npy", "--output", "o", "--layers", "a"]),
    (
      "run-repeat-0", ["run", "tiny.weights", "--input", "x.npy", "--output", "o", "--repeat", "0"]
    ),
    ("validate-one-file", ["validate", "tiny.weights", "--seed", "2"]),
    ("cfg-of-a-cfg", ["inspect", "tiny.cfg", "--cfg", "tiny.cfg"]),
  ])
  func usage(name: String, arguments: [String]) throws {
    try expectSnapshot(try place.nnfmt(arguments), code: 64, named: "usage/\(name)")
  }

  @Test func weightsAndCfgOfOneName() throws {
    try place.prepare("convert", "tiny.weights", "tiny.h5")
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.h5", "new.cfg", "--to", "darknet", "--force"), code: 64,
      named: "usage/one-name")
  }

  /// The output is written beside the input and takes its place at the end.
  @Test func outputInPlaceOfTheInput() throws {
    let before = try place.bytes("tiny.weights")
    try place.prepare("convert", "tiny.weights", "tiny.weights", "--force", "--header", "0.1")
    #expect(try place.bytes("tiny.weights").dropFirst(16) == before.dropFirst(20))
  }

  @Test func noCfg() throws {
    try place.write("alone.weights", try place.bytes("tiny.weights"))
    try expectSnapshot(
      try place.nnfmt("convert", "alone.weights", "a.h5"), code: 64, named: "usage/no-cfg")
  }
}
