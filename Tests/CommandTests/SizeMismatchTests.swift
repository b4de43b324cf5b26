import TestSupport
import Testing

/// Exit code 65: weights that don't fit their cfg, each with its likeliest cause.
struct SizeMismatchTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  /// `convert` and `inspect` say the same.
  private func expectRefusal(
    of bytes: [UInt8], cfg: String = "tiny.cfg", named name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try place.write("x.weights", bytes)
    let converted = try place.nnfmt("convert", "x.weights", "a.h5", "--cfg", cfg)
    try expectSnapshot(converted, code: 65, named: "misfit/\(name)", sourceLocation: sourceLocation)
    let inspected = try place.nnfmt("inspect", "x.weights", "--cfg", cfg)
    #expect(inspected.code == 65, sourceLocation: sourceLocation)
    #expect(inspected.err == converted.err, sourceLocation: sourceLocation)
    #expect(inspected.out.contains("status: "), sourceLocation: sourceLocation)
  }

  @Test func empty() throws { try expectRefusal(of: [], named: "empty") }

  @Test(arguments: [1, 11, 19]) func shortHeader(count: Int) throws {
    try expectRefusal(
      of: Array(try place.bytes("tiny.weights").prefix(count)), named: "header-\(count)")
  }

  @Test(arguments: [(40, "first-array"), (600, "later-layer"), (834, "last-float")])
  func truncated(count: Int, name: String) throws {
    try expectRefusal(
      of: Array(try place.bytes("tiny.weights").prefix(count)), named: "truncated-\(name)")
  }

  @Test(arguments: [2, 4, 8, 400]) func trailing(count: Int) throws {
    let bytes = try place.bytes("tiny.weights") + [UInt8](repeating: 0, count: count)
    try expectRefusal(of: bytes, named: "trailing-\(count)")
  }

  @Test(arguments: [20, 516]) func partial(count: Int) throws {
    try place.write("cut.weights", Array(try place.bytes("tiny.weights").prefix(count)))
    let arguments = ["convert", "cut.weights", "a.h5", "--cfg", "tiny.cfg"]
    try expectSnapshot(try place.nnfmt(arguments), code: 65, named: "misfit/partial-\(count)")
    #expect(try place.nnfmt(arguments + ["--allow-partial"]).code == 0)
  }

  @Test func allowPartialDoesNotAllowACutLayer() throws {
    try place.write("cut.weights", Array(try place.bytes("tiny.weights").prefix(600)))
    let answer = try place.nnfmt(
      "convert", "cut.weights", "a.h5", "--cfg", "tiny.cfg", "--allow-partial")
    try expectSnapshot(answer, code: 65, named: "misfit/allow-partial-cut")
  }

  @Test(arguments: [1, 80]) func otherClasses(count: Int) throws {
    let cfg = Sample.tiny.replacing("filters=16", with: "filters=\(2 * (5 + count))")
      .replacing("classes=3", with: "classes=\(count)")
    try expectRefusal(of: try Sample.weights(for: cfg), named: "classes-\(count)")
  }

  @Test(arguments: [1, 4]) func otherChannels(count: Int) throws {
    let cfg = try Sample.tiny("channels=3", "channels=\(count)")
    try expectRefusal(of: try Sample.weights(for: cfg), named: "channels-\(count)")
  }

  @Test func otherClassesOfAClassifier() throws {
    func cfg(_ classes: Int) -> String {
      Sample.network(
        "[connected]\noutput=\(classes)\nactivation=linear\n[softmax]", size: "inputs=6")
    }
    try place.write("classifier.cfg", cfg(10))
    try expectRefusal(
      of: try Sample.weights(for: cfg(7)), cfg: "classifier.cfg", named: "classifier")
  }

  @Test func noHeader() throws {
    try expectRefusal(of: Array(try place.bytes("tiny.weights").dropFirst(20)), named: "no-header")
  }

  /// pjreddie's `[batchnorm]` has no biases.
  @Test func otherDialect() throws {
    let cfg = Sample.network("[convolutional]\nfilters=4\nactivation=linear\n[batchnorm]")
    try place.write("bn.cfg", cfg)
    try expectRefusal(
      of: try Sample.weights(for: cfg, .pjreddie), cfg: "bn.cfg", named: "dialect")
  }

  /// Version 0.1 with a count of 64 bits: darknet's rule is wrong, the size is right.
  @Test func headerOfAnotherLengthIsTold() throws {
    var bytes = try place.bytes("tiny.weights")
    bytes[4] = 1
    try place.write("tiny.weights", bytes)
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.weights", "a.h5"), code: 0, named: "misfit/header-length")
  }
}
