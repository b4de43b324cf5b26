import Foundation
import TestSupport
import Testing

/// What `nnfmt convert` says when all goes well.
struct ConvertTextTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  @Test func thereAndBack() throws {
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "tiny.h5"), code: 0, named: "convert/to-h5")
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.h5", "back.weights"), code: 0, named: "convert/to-weights")
    #expect(try place.bytes("back.weights") == place.bytes("tiny.weights"))
  }

  @Test func intoACfgThatIsNamed() throws {
    try place.prepare("convert", "tiny.weights", "tiny.h5")
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.h5", "back.weights", "--cfg", "tiny.cfg"), code: 0,
      named: "convert/to-weights-cfg")
  }

  @Test func force() throws {
    try place.write("tiny.h5", "mine")
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "tiny.h5", "--force"), code: 0,
      named: "convert/force")
    #expect(try place.bytes("tiny.h5").starts(with: [0x89, 0x48, 0x44, 0x46]))
  }

  @Test func formatThatIsNamed() throws {
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "model", "--to", "keras-h5"), code: 0,
      named: "convert/to-named")
  }

  @Test(arguments: ["0.1", "0.2", "0.2.5"]) func header(generation: String) throws {
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "other.weights", "--header", generation), code: 0,
      named: "convert/header-\(generation)")
    #expect(try place.bytes("other.weights").count == (generation == "0.1" ? 832 : 836))
  }

  @Test func upto() throws {
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "tiny.conv.1", "--to", "darknet", "--upto", "1"),
      code: 0, named: "convert/upto")
    #expect(try place.bytes("tiny.conv.1") == Array(place.bytes("tiny.weights").prefix(516)))
  }

  @Test func allowPartial() throws {
    try place.write("cut.weights", Array(try place.bytes("tiny.weights").prefix(516)))
    try expectSnapshot(
      try place.nnfmt("convert", "cut.weights", "cut.h5", "--cfg", "tiny.cfg", "--allow-partial"),
      code: 0, named: "convert/allow-partial")
    try expectSnapshot(
      try place.nnfmt("convert", "cut.h5", "back.weights"), code: 0,
      named: "convert/allow-partial-back")
    #expect(try place.bytes("back.weights") == place.bytes("cut.weights"))
  }

  @Test func warnings() throws {
    let cfg = try Sample.tiny("activation=leaky", "activation=leakyy\nsiez=3")
    try place.put("odd", cfg)
    try expectSnapshot(
      try place.nnfmt("convert", "odd.weights", "odd.h5"), code: 0, named: "convert/warnings")
    try expectSnapshot(
      try place.nnfmt("convert", "odd.h5", "back.weights"), code: 0, named: "convert/warnings-back")
  }

  @Test func dialectTravels() throws {
    try place.prepare("convert", "tiny.weights", "tiny.h5", "--dialect", "pjreddie")
    let answer = try place.nnfmt("convert", "tiny.h5", "back.weights", "--json")
    try expectSnapshot(answer, code: 0, named: "convert/dialect-back")
    #expect(try place.bytes("back.weights") == place.bytes("tiny.weights"))
  }
}

/// The cfg beside the weights: which file is taken for it.
struct ConfigBesideTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  @Test(arguments: [
    ("note: this is no cfg", 64), ("key=value\n", 64), ("", 64),
    ("[net]\nwidth=8\nev\u{1B}il=1\n", 65),
  ])
  func otherFilesOfThatName(text: String, code: Int32) throws {
    try place.write("tiny.cfg", text)
    #expect(try place.nnfmt("convert", "tiny.weights", "a.h5").code == code)
    let inspected = try place.nnfmt("inspect", "tiny.weights")
    #expect(inspected.code == (code == 64 ? 0 : 65))
    #expect(inspected.out.contains("status: unverified") == (code == 64))
  }

  @Test func aFolderOfThatName() throws {
    try FileManager.default.removeItem(at: place.url("tiny.cfg"))
    try FileManager.default.createDirectory(
      at: place.url("tiny.cfg"), withIntermediateDirectories: false)
    #expect(try place.nnfmt("convert", "tiny.weights", "a.h5").code == 64)
  }

  /// The stem is what stands before the last dot of the name, not of the path.
  @Test func dotsInFolders() throws {
    try FileManager.default.createDirectory(
      at: place.url("v1.0"), withIntermediateDirectories: false)
    for name in ["tiny.cfg", "tiny.weights"] {
      try FileManager.default.copyItem(at: place.url(name), to: place.url("v1.0/\(name)"))
    }
    #expect(try place.nnfmt("convert", "v1.0/tiny.weights", "a.h5").code == 0)
    try place.write("v1.0/bare", try place.bytes("tiny.weights"))
    #expect(try place.nnfmt("inspect", "v1.0/bare").out.contains("status: unverified"))
  }
}
