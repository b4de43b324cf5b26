import FileSupport
import TestSupport
import Testing

@testable import Darknet

/// Sections written as text.
struct ConfigWriterTests {
  @Test func canonicalForm() throws {
    let old = try config(
      "# c\n[net]\n width = 4 16\nheight=8\n\n\n[conv]\nfilters\nactivation=leaky#x\n")
    let bytes = try ConfigWriter().bytes(of: old.sections)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "[net]\nwidth=416\nheight=8\n\n[conv]\nfilters\nactivation=leaky#x\n")
    #expect(
      try ConfigWriter().bytes(of: try config(String(decoding: bytes, as: UTF8.self)).sections)
        == bytes)
  }

  @Test func sectionsThatWereMade() throws {
    let sections = [
      ConfigSection(name: "net", entries: [ConfigEntry(key: "inputs", value: "4")]),
      ConfigSection(name: "softmax"),
    ]
    let bytes = try ConfigWriter().bytes(of: sections)
    #expect(try network(String(decoding: bytes, as: UTF8.self)).layers.count == 1)
  }

  /// hank-ai's darknet keeps blanks inside a value; the others would not read the same.
  @Test func blanksInsideAValue() throws {
    let sections = try config("[net]\ninputs=4\n[yolo]\nmask = 0, 1\n", .hankAI).sections
    let bytes = try ConfigWriter(dialect: .hankAI).bytes(of: sections)
    #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("mask=0, 1\n"))
    #expect(try failure { try ConfigWriter().bytes(of: sections) }.kind == .unsupported)
  }

  @Test(arguments: ["a\nb=1", "#a", "[a", "a=b"]) func keysThatNoCfgHolds(key: String) throws {
    let section = ConfigSection(name: "net", entries: [ConfigEntry(key: key, value: "1")])
    #expect(throws: ModelFileError.self) { try ConfigWriter().bytes(of: [section]) }
  }
}

/// What is said of the other dialects.
struct OtherDialectTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func remedy(_ text: String, _ dialect: Dialect) throws -> String {
    let path = try folder.write("a.cfg", Array(text.utf8))
    return try failure { try Network(contentsOf: path, dialect: dialect) }.remedy ?? ""
  }

  private static let net = "[net]\nwidth=8\nheight=8\nchannels=3\n"

  /// The dialects that read a cfg are named where another refuses it.
  @Test func hints() throws {
    let comment = Self.net + "[maxpool] # small\nsize=2\n"
    #expect(try remedy(comment, .alexeyab).hasSuffix("it reads with --dialect hank-ai"))
    let shared = Self.net + "[convolutional]\n[convolutional]\nfilters=2\nshare_index=0\n"
    // pjreddie's would pass over share_index, and see another network.
    #expect(try !remedy(shared, .alexeyab).contains("--dialect"))
    let unequal = Self.net + "[conv]\n[max]\nstride=2\n[shortcut]\nfrom=0\n"
    #expect(try remedy(unequal, .alexeyab).hasSuffix("it reads with --dialect pjreddie"))
    // pjreddie's darknet dies of these when it loads weights.
    #expect(try !remedy(Self.net + "[deconvolutional]\n", .alexeyab).contains("--dialect"))
  }

  @Test func noHintWhereNoneReadsItOrItStandsThere() throws {
    #expect(try !remedy(Self.net + "[nonesuch]\n", .alexeyab).contains("--dialect"))
    let remedy = try remedy(Self.net + "[logistic]\n", .alexeyab)
    #expect(remedy.components(separatedBy: "--dialect").count == 2)
  }

  @Test func portability() throws {
    let text =
      "[convolutional]\nactivation=mish\ndilation=1\n[dropout]\nprobability=0.5\n[sam]\nfrom=0\n"
    let warnings = try layers(text).portability
    #expect(
      warnings.map(\.message) == [
        "pjreddie's darknet does not know [sam]; it takes relu for mish; it passes over dilation of "
          + "[convolutional]"
      ])
    #expect(try layers("[convolutional]\nactivation=leaky\n").portability == [])
  }
}
