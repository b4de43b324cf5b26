import TestSupport
import Testing

/// What darknet lets pass in silence, and nnfmt does not.
struct ConfigWarningTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test(arguments: [
    ("unknown-key", "size=3", "size=3\nsiez=3"),
    ("duplicate-key", "size=3", "size=3\nsize=5"),
    ("unknown-activation", "activation=leaky", "activation=leakyrelu"),
    ("number-cut", "filters=16", "filters=16x"),
    ("number-missing", "batch_normalize=1", "batch_normalize=yes"),
    ("no-value", "stride=1", "stride="),
    ("no-equals", "stride=1", "stride 1"),
    ("inline-comment", "filters=16", "filters=16 # 2 * (3 + 5)"),
    ("escapes", "size=3", "size=3\nx\u{1B}[2Jy=3"),
  ])
  func warning(name: String, old: String, new: String) throws {
    try place.write("x.cfg", try Sample.tiny(old, new))
    let answer = try place.nnfmt("inspect", "x.cfg", "--json")
    #expect(answer.code == 0)
    #expect(!answer.err.isEmpty)
    try expectSnapshot(answer.err, named: "warning/\(name)")
    let table = try place.nnfmt("inspect", "x.cfg")
    #expect(table.err == answer.err)
  }

  @Test func unequalRoute() throws {
    try place.write(
      "x.cfg",
      try Sample.tiny(
        "[yolo]", "[maxpool]\nsize=2\nstride=2\n[route]\nlayers=-1,0\n[route]\nlayers=1\n[yolo]"))
    try expectSnapshot(try place.nnfmt("inspect", "x.cfg").err, named: "warning/unequal-route")
  }

  @Test func keyOfAnotherDialect() throws {
    try place.write("x.cfg", try Sample.tiny("classes=3", "classes=3\nscale_x_y=1.2"))
    // What other forks make of a cfg is said only where the cfg itself is looked at.
    try expectSnapshot(
      try place.nnfmt("inspect", "x.cfg").err, named: "warning/key-that-another-lacks")
    #expect(try place.nnfmt("convert", "x.cfg", "y.cfg").err == "")
    try expectSnapshot(
      try place.nnfmt("inspect", "x.cfg", "--dialect", "pjreddie").err,
      named: "warning/key-of-another-dialect")
  }

  /// hank-ai's darknet refuses what the others pass over.
  @Test func duplicateKeyOfHankAI() throws {
    try place.write("x.cfg", try Sample.tiny("size=3", "size=3\nsize=5"))
    try expectSnapshot(
      try place.nnfmt("inspect", "x.cfg", "--dialect", "hank-ai"), code: 65,
      named: "warning/duplicate-key-hank-ai")
  }
}
