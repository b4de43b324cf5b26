import TestSupport
import Testing

/// `inspect` with several cfgs, and what it says of weights without one.
struct FitTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
    try place.write("other.cfg", try Sample.tiny("filters=4", "filters=8"))
    try place.write("head.cfg", try Sample.tiny("size=1", "size=3"))
    try place.write("odd.cfg", "[net]\nwidth=8\n[nonesuch]\n")
  }

  private func inspect(_ file: String, _ cfgs: [String], _ more: String...) throws -> Answer {
    try place.nnfmt(["inspect", file] + cfgs.flatMap { ["--cfg", $0] } + more)
  }

  @Test func oneFits() throws {
    let cfgs = ["odd.cfg", "none.cfg", "other.cfg", "head.cfg", "tiny.cfg"]
    try expectSnapshot(try inspect("tiny.weights", cfgs), code: 0, named: "fit/complete")
    try expectSnapshot(
      try inspect("tiny.weights", cfgs, "--json"), code: 0, named: "fit/complete-json")
  }

  @Test func aBackbone() throws {
    try place.write("tiny.conv.1", Array(try place.bytes("tiny.weights").prefix(516)))
    try expectSnapshot(
      try inspect("tiny.conv.1", ["other.cfg", "tiny.cfg"]), code: 0, named: "fit/partial")
  }

  @Test func noneFits() throws {
    try expectSnapshot(
      try inspect("tiny.weights", ["other.cfg", "head.cfg"]), code: 65, named: "fit/none")
  }

  @Test func hashNeedsOneCfg() throws {
    try expectSnapshot(
      try inspect("tiny.weights", ["other.cfg", "tiny.cfg"], "--hash"), code: 64,
      named: "fit/hash")
  }

  /// A float and a half in front of everything: exponents are fractions of the numbers before.
  @Test func shiftedNumbers() throws {
    let bytes = try place.bytes("tiny.weights")
    try place.write("loose.bin", bytes.prefix(20) + [1, 2] + bytes.dropFirst(20) + [0, 0])
    try expectSnapshot(try place.nnfmt("inspect", "loose.bin"), code: 65, named: "fit/shifted")
  }
}

/// `convert` of a cfg to a cfg.
struct ConfigToConfigTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(
      "old.cfg", "# mine\r\n[ net ]\nwidth = 8\nheight=8 \nchannels=3\n[maxpool]\nsize\n")
  }

  @Test func canonicalForm() throws {
    try expectSnapshot(
      try place.nnfmt("convert", "old.cfg", "new.cfg"), code: 0, named: "convert/cfg")
    #expect(
      try place.text("new.cfg") == "[net]\nwidth=8\nheight=8\nchannels=3\n\n[maxpool]\nsize\n")
    try expectSnapshot(
      try place.nnfmt("convert", "new.cfg", "again.cfg", "--json"), code: 0,
      named: "convert/cfg-json")
    #expect(try place.bytes("again.cfg") == place.bytes("new.cfg"))
  }

  @Test(arguments: [
    ("stray-cfg", 64, ["old.cfg", "new.cfg", "--cfg", "old.cfg"]),
    ("stray-header-cfg", 64, ["old.cfg", "new.cfg", "--header", "0.1"]),
    ("weights-to-cfg", 69, ["tiny.weights", "new.cfg"]),
    ("cfg-in-place", 73, ["old.cfg", "old.cfg"]),
  ])
  func refused(name: String, code: Int32, arguments: [String]) throws {
    try place.put("tiny", Sample.tiny)
    try expectSnapshot(
      try place.nnfmt(["convert"] + arguments), code: code, named: "convert/\(name)")
  }
}
