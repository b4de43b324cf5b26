import Foundation
import TestSupport
import Testing

/// Exit code 65 with the cause and the remedy for what a transfer has done, by every command, for the model
/// and for what `--cfg` names.
struct TransferDamageTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  private func widened(_ text: String) -> [UInt8] { text.utf8.flatMap { [$0, 0] } }

  private func expect(
    _ name: String, says word: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let isConfig = name.hasSuffix(".cfg")
    let calls =
      isConfig
      ? [
        ["inspect", name], ["convert", name, "clean.cfg"],
        ["inspect", "tiny.weights", "--cfg", name],
        ["convert", "tiny.weights", "a.h5", "--cfg", name],
        ["validate", "tiny.weights", "tiny.weights", "--cfg", name],
      ]
      : [
        ["inspect", name, "--cfg", "tiny.cfg"], ["convert", name, "a.h5", "--cfg", "tiny.cfg"],
        ["validate", name, "tiny.weights", "--cfg", "tiny.cfg"],
        ["validate", "tiny.weights", name, "--cfg", "tiny.cfg"],
        ["run", name, "--cfg", "tiny.cfg", "--input", "x.npy", "--output", "o"],
      ]
    for call in calls {
      let answer = try place.nnfmt(call)
      #expect(answer.code == 65, "\(answer.transcript)", sourceLocation: sourceLocation)
      #expect(answer.err.contains(word), "\(answer.transcript)", sourceLocation: sourceLocation)
      #expect(answer.err.contains("remedy: "), sourceLocation: sourceLocation)
      #expect(answer.made == [], sourceLocation: sourceLocation)
    }
  }

  @Test func ofAConfig() throws {
    let text = Sample.tiny
    try place.write("bom.cfg", [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    try expect("bom.cfg", says: "bom.cfg: line 1: a byte order mark (EF BB BF)")
    try place.write("cr.cfg", text.replacing("\n", with: "\r"))
    try expect("cr.cfg", says: "cr.cfg: line 1: a carriage return (CR) alone")
    try place.write("wide.cfg", widened(text))
    try expect("wide.cfg", says: "wide.cfg: line 1: the text is in UTF-16 little endian")
    try place.write("page.cfg", "<html><head></head><body>Sign in</body></html>\n")
    try expect("page.cfg", says: "a web page")
  }

  @Test func ofOneLineOfAConfig() throws {
    for (name, old, new, word) in [
      (
        "quote", "activation=leaky", "activation=\u{201C}leaky\u{201D}",
        "line 12: a typographic quotation mark"
      ),
      ("dash", "mask=0,1", "mask=\u{2013}0,1", "a typographic dash (U+2013)"),
      ("space", "width=8", "width\u{A0}=8", "line 2: a typographic space (U+00A0)"),
      ("comma", "mask=0,1", "mask=0\u{FF0C}1", "a wide comma (U+FF0C)"),
      ("mark", "[yolo]", "\u{FEFF}[yolo]", "a byte order mark (U+FEFF)"),
      ("return", "width=8\n", "width=8\r", "line 2: a carriage return (CR) alone"),
    ] {
      try place.write("\(name).cfg", try Sample.tiny(old, new))
      let answer = try place.nnfmt("inspect", "\(name).cfg")
      #expect(answer.code == 65, "\(answer.transcript)")
      #expect(answer.err.contains(word), "\(answer.transcript)")
    }
    try place.write(
      "name.cfg", try Sample.tiny("[yolo]", "[yolo]\nmap=\u{6570}\u{636E}\u{FF0C}1.map"))
    #expect(try place.nnfmt("inspect", "name.cfg").code == 0)
  }

  @Test func ofWeights() throws {
    let bytes = try place.bytes("tiny.weights")
    try place.write("text.weights", Array(String(decoding: bytes, as: UTF8.self).utf8))
    try place.putArray("x.npy", shape: [3, 8, 8])
    try expect("text.weights", says: "EF BF BD")
    try place.write("twice.weights", bytes + bytes)
    try expect("twice.weights", says: "the file begins once more here")
    try place.write("zero.weights", [UInt8](repeating: 0, count: bytes.count))
    try expect("zero.weights", says: "bytes are 0")
    try place.write("marked.weights", [0xEF, 0xBB, 0xBF] + bytes)
    try expect("marked.weights", says: "a byte order mark (EF BB BF)")
  }

  @Test func ofAnInput() throws {
    try place.putArray("x.npy", shape: [3, 8, 8])
    let bytes = try place.bytes("x.npy")
    try place.write("feeds.npy", bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] })
    try place.write("text.npy", Array(String(decoding: bytes, as: UTF8.self).utf8))
    for (name, word) in [("text", "EF BF BD"), ("feeds", "0D 0A (CRLF)")] {
      let answer = try place.nnfmt("run", "tiny.weights", "--input", "\(name).npy", "--output", "o")
      #expect(answer.code == 65, "\(answer.transcript)")
      #expect(answer.err.contains(word), "\(answer.transcript)")
    }
  }

  /// A file may claim any size and be a hole: it is not read to its end.
  @Test(.timeLimit(.minutes(5))) func ofAHole() throws {
    let bytes = try place.bytes("tiny.weights")
    for start in [bytes, []] {
      try place.write("hole.weights", start)
      let file = try FileHandle(forWritingTo: place.url("hole.weights"))
      try file.truncate(atOffset: 1 << 42)
      try file.close()
      let answer = try place.nnfmt("inspect", "hole.weights", "--cfg", "tiny.cfg")
      #expect(answer.code == 65, "\(answer.transcript)")
    }
  }

  @Test func ofAKerasConfiguration() throws {
    try place.prepare("convert", "tiny.weights", "m.h5")
    let text = "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"a\", \"layers\": []}}"
    try place.write("wide.json", widened(text))
    try place.write("nul.json", Array(text.utf8) + [UInt8](repeating: 0, count: 600))
    try place.write(
      "quotes.json", text.replacing("\"class_name\"", with: "\u{201C}class_name\u{201D}"))
    try place.write("cut.json", String(text.prefix(40)))
    for (name, word) in [
      ("wide", "UTF-16 little endian"), ("nul", "only zeros stand"), ("quotes", "U+201C"),
      ("cut", "cut short"),
    ] {
      for call in [
        ["inspect", "m.h5", "--cfg", "\(name).json"],
        ["convert", "m.h5", "b.weights", "--cfg", "\(name).json"],
      ] {
        let answer = try place.nnfmt(call)
        #expect(answer.code == 65, "\(answer.transcript)")
        #expect(answer.err.contains(word), "\(answer.transcript)")
      }
    }
  }

  @Test func ofKerasFiles() throws {
    try place.prepare("convert", "tiny.weights", "m.h5")
    let bytes = try place.bytes("m.h5")
    try place.write("text.h5", Array(String(decoding: bytes, as: UTF8.self).utf8))
    try place.write("feeds.h5", bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] })
    try place.write("cut.h5", Array(bytes.dropLast(bytes.count / 3)))
    for (name, word) in [("text", "EF BF BD"), ("feeds", "0D 0A (CRLF)"), ("cut", "truncated")] {
      for call in [
        ["inspect", "\(name).h5"], ["convert", "\(name).h5", "b.weights"],
        ["validate", "m.h5", "\(name).h5"],
      ] {
        let answer = try place.nnfmt(call)
        #expect(answer.code == 65, "\(answer.transcript)")
        #expect(answer.err.contains(word), "\(answer.transcript)")
      }
    }
  }
}
