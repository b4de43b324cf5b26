import Foundation
import TestSupport
import Testing

/// The tables of `nnfmt inspect`.
struct InspectTextTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func takeSample() throws {
    for name in ["sample.cfg", "sample.weights"] {
      try FileManager.default.copyItem(
        at: Sample.folder.appending(path: name), to: place.url(name))
    }
  }

  @Test func cfg() throws {
    try takeSample()
    try expectSnapshot(try place.nnfmt("inspect", "sample.cfg"), code: 0, named: "inspect/cfg")
  }

  @Test func weightsWithTheCfgBeside() throws {
    try takeSample()
    try expectSnapshot(
      try place.nnfmt("inspect", "sample.weights"), code: 0, named: "inspect/weights")
  }

  @Test func model() throws {
    try takeSample()
    try place.prepare("convert", "sample.weights", "sample.h5")
    try expectSnapshot(try place.nnfmt("inspect", "sample.h5"), code: 0, named: "inspect/h5")
  }

  @Test(arguments: [["--stats"], ["--hash"], ["--stats", "--hash"]])
  func values(options: [String]) throws {
    try place.put("tiny", Sample.tiny)
    let name = options.joined().replacing("--", with: "-")
    try expectSnapshot(
      try place.nnfmt(["inspect", "tiny.weights"] + options), code: 0,
      named: "inspect/values\(name)")
    try place.prepare("convert", "tiny.weights", "m.h5")
    let answer = try place.nnfmt(["inspect", "m.h5"] + options)
    #expect(
      answer.out.contains(options.contains("--hash") ? "SHA-256" : "mean"), "\(answer.transcript)")
  }

  @Test func pictures() throws {
    for (change, dialect, word) in [
      ("", "alexeyab", "RGB plane by plane (CHW), black 0, white 1, stretched to 8×8"),
      ("letter_box=1\n", "alexeyab", "letterboxed to 8×8"), ("", "pjreddie", "letterboxed to 8×8"),
    ] {
      try place.put("p", try Sample.tiny("width=8", "\(change)width=8"), madeFor: Sample.tiny)
      let answer = try place.nnfmt("inspect", "p.weights", "--dialect", dialect)
      #expect(answer.out.contains(word), "\(answer.transcript)")
    }
  }

  @Test func weightsAlone() throws {
    try place.write("alone.weights", Sample.weights(for: Sample.tiny))
    try expectSnapshot(
      try place.nnfmt("inspect", "alone.weights"), code: 0, named: "inspect/weights-alone")
  }

  @Test func weightsAloneWithOddBytes() throws {
    try place.write("alone.weights", Sample.weights(for: Sample.tiny) + [1, 2])
    try expectSnapshot(
      try place.nnfmt("inspect", "alone.weights"), code: 0, named: "inspect/weights-alone-odd")
  }

  /// Random bytes are no weights, though nothing proves it without a cfg.
  @Test func weightsAloneWithAnImpossibleVersion() throws {
    try place.write("alone.weights", floats(20))
    try expectSnapshot(
      try place.nnfmt("inspect", "alone.weights"), code: 0, named: "inspect/weights-alone-version")
  }

  @Test func partial() throws {
    try place.put("tiny", Sample.tiny)
    let bytes = try place.bytes("tiny.weights")
    try place.write("tiny.conv.1", Array(bytes[..<(20 + 4 * 124)]))
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.conv.1", "--cfg", "tiny.cfg"), code: 0,
      named: "inspect/partial")
  }

  @Test func otherDialect() throws {
    try place.put("tiny", Sample.tiny)
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.weights", "--dialect", "pjreddie"), code: 0,
      named: "inspect/pjreddie")
  }

  /// Matrices are stored the other way round by versions above 1000.
  @Test func transposed() throws {
    let cfg = Sample.network("[connected]\noutput=3\nactivation=linear", size: "inputs=4")
    let numbers = try Sample.weights(for: cfg).dropFirst(20)
    try place.write("t.cfg", cfg)
    try place.write("t.weights", [0xE9, 3, 0, 0] + [UInt8](repeating: 0, count: 16) + numbers)
    try expectSnapshot(
      try place.nnfmt("inspect", "t.weights"), code: 0, named: "inspect/transposed")
  }

  @Test func unhealthyNumbers() throws {
    try place.put("tiny", Sample.tiny)
    var content = try place.bytes("tiny.weights")
    // Layer 0 holds 4 biases, 4 scales, 4 means, 4 variances, 108 weights.
    content.replaceSubrange(20..<24, with: bytes(of: .nan))
    content.replaceSubrange(36..<52, with: [UInt8](repeating: 0, count: 16))
    content.replaceSubrange(68..<72, with: bytes(of: -2))
    content.replaceSubrange(84..<88, with: bytes(of: 1e20))
    content.replaceSubrange(88..<92, with: bytes(of: .infinity))
    try place.write("tiny.weights", content)
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.weights", "--stats"), code: 0, named: "inspect/unhealthy")
  }

  @Test func nameOfAnotherFormat() throws {
    try place.put("tiny", Sample.tiny)
    try place.write("tiny.h5", try place.bytes("tiny.weights"))
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.h5"), code: 0, named: "inspect/name-differs")
  }

  @Test func controlCharactersInNames() throws {
    let cfg = try Sample.tiny("stride=1\npad=1", "stride=1\npad=1\nev\u{1B}[2Jil=1")
    try place.write("red\u{1B}[31m.cfg", cfg)
    let answer = try place.nnfmt("inspect", "red\u{1B}[31m.cfg")
    #expect(!(answer.out + answer.err).contains("\u{1B}"))
    try expectSnapshot(answer.out + answer.err, named: "inspect/control-characters")
  }

  @Test func bytesThatAreNoUTF8() throws {
    let cfg = Array(try Sample.tiny("[net]", "[net]\n# caf\u{E9}\n").utf8)
    let bytes = cfg.map { $0 == 0xC3 ? 0xE9 : $0 }.filter { $0 != 0xA9 }
    try place.write("latin1.cfg", bytes + Array("caf".utf8) + [0xE9] + Array("=1\n".utf8))
    try expectSnapshot(try place.nnfmt("inspect", "latin1.cfg"), code: 0, named: "inspect/latin1")
  }
}
