import FileSupport
import Foundation
import TestSupport
import Testing

/// Files that claim, repeat or hide something: each ends in an exit code and a place, at once.
struct HostileFileTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  /// The first line of what nnfmt says.
  private func refusal(_ arguments: String..., code: Int32 = 65) throws -> String {
    let clock = ContinuousClock()
    let start = clock.now
    let answer = try place.nnfmt(arguments)
    #expect(answer.code == code, "\(answer.transcript)")
    // A debug build beside other tests: a second and its start are meant.
    #expect(clock.now - start < .seconds(20))
    return answer.transcript
  }

  static let net = "[net]\nwidth=4\nheight=4\nchannels=4\n"

  /// A cfg with the place that its refusal must name. Its text is not the name of a test case: that would
  /// print megabytes.
  struct Hostile: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let part: String

    init(_ name: String, _ text: String, _ part: String) {
      self.name = name
      self.text = text
      self.part = part
    }

    var testDescription: String { name }
  }

  static let configs = [
    Hostile("nul", "[net]\nwidth=4\0\n[conv]\n", "byte 13"),
    Hostile("size", "[net]\nwidth=99999999999999999999\nheight=1\nchannels=1\n[conv]\n", "line 2"),
    Hostile("negative", "[net]\nwidth=-4\nheight=1\nchannels=1\n[conv]\n", "line 2"),
    Hostile("product", "[net]\nwidth=65536\nheight=65536\nchannels=65536\n[conv]\n", "line 1"),
    Hostile("itself", net + "[conv]\n[route]\nlayers=1\n", "line 7"),
    Hostile(
      "doubling", net + "[conv]\n" + String(repeating: "[route]\nlayers=-1,-1\n", count: 80),
      "line"
    ),
    Hostile("sections", net + String(repeating: "[a]\n", count: 70_000), "line 65540"),
    Hostile("lines", net + String(repeating: "\n", count: 5_000_000), "too large"),
    Hostile("options", net + "[conv]\n" + String(repeating: "a=1\n", count: 200_000), "line 4102"),
    Hostile(
      "list", net + "[route]\nlayers=" + String(repeating: "0,", count: 100_000) + "\n", "line 6"),
  ]

  @Test(arguments: configs)
  func config(hostile: Hostile) throws {
    let (name, part) = (hostile.name, hostile.part)
    try place.write("\(name).cfg", hostile.text)
    #expect(try refusal("inspect", "\(name).cfg").contains(part))
    try place.write("\(name).weights", [0, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 95))
    #expect(try refusal("inspect", "\(name).weights").contains(part))
  }

  private func npy(_ name: String, shape: String, hole: UInt64 = 0) throws {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }\n"
    let header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0]
    try place.write(name, header + Array(text.utf8))
    guard hole > 0 else { return }
    let file = try FileHandle(forWritingTo: place.url(name))
    try file.truncate(atOffset: UInt64(header.count + text.utf8.count) + hole)
    try file.close()
  }

  @Test func arrays() throws {
    try npy("claim.npy", shape: "(1250000000,)")
    try npy("product.npy", shape: "(4294967296, 4294967296, 4294967296)")
    try npy("hole.npy", shape: "(2500000000000,)", hole: 10_000_000_000_000)
    try npy("samples.npy", shape: "(10000000000, 3, 8, 8)", hole: 7_680_000_000_000)
    for (name, part) in [
      ("claim", "byte 77"), ("product", "byte 100"), ("hole", "another shape"),
      ("samples", "more numbers than there is memory for"),
    ] {
      let text = try refusal("run", "tiny.weights", "--input", "\(name).npy", "--output", "out")
      #expect(text.contains("\(name).npy") && text.contains(part), "\(text)")
    }
  }

  /// The values of one layer alone would take more memory than any machine of these days has.
  @Test func values() throws {
    let wide = "[net]\nwidth=40000\nheight=40000\nchannels=1\n"
    let layers = String(repeating: "[maxpool]\nsize=1\nstride=1\n", count: 400)
    try place.write("wide.cfg", wide + layers)
    try place.write("wide.weights", [0, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 15))
    #expect(
      try refusal("validate", "wide.weights", "wide.weights").contains("memory than there is"))
  }
}
