import FileSupport
import TestSupport
import Testing

@testable import Darknet

/// Lines to sections, as each fork reads them.
struct ConfigParserTests {
  private func pairs(_ text: String, _ dialect: Dialect = .alexeyab) throws -> [String] {
    try config(text, dialect).sections.flatMap { section in
      ["[\(section.name)]"] + section.entries.map { "\($0.key)=\($0.value)@\($0.line)" }
    }
  }

  @Test(arguments: [Dialect.alexeyab, .pjreddie])
  func blanksAreTakenOutEverywhere(dialect: Dialect) throws {
    let text = "  [ n e t ]\t\n wid th = 4 1 6 \n\theight\t=\t8\n"
    #expect(try pairs(text, dialect) == ["[net]", "width=416@2", "height=8@3"])
  }

  @Test func hankAIKeepsBlanksInsideAValue() throws {
    let text = "[net]\n width = 416 # wide\n names = a b  \n"
    #expect(try pairs(text, .hankAI) == ["[net]", "width=416@2", "names=a b@3"])
  }

  @Test func commentsAndEmptyLines() throws {
    let text = "# first\n\n; second\n[net]\n   # third\n#width=1\n;height=2\nchannels=3"
    #expect(try pairs(text) == ["[net]", "channels=3@8"])
  }

  @Test func aCommentBehindAValueBelongsToItButForHankAI() throws {
    let text = "[net]\nwidth=3 # x\n"
    #expect(try pairs(text) == ["[net]", "width=3#x@2"])
    #expect(try pairs(text, .pjreddie) == ["[net]", "width=3#x@2"])
    #expect(try pairs(text, .hankAI) == ["[net]", "width=3@2"])
  }

  @Test func carriageReturns() throws {
    #expect(
      try pairs("[net]\r\nwidth=4\r\n\r\n[max]\r\nsize=2\r\n")
        == ["[net]", "width=4@2", "[max]", "size=2@5"])
    #expect(try pairs("[net]\r\nwidth=4\r\n", .hankAI) == ["[net]", "width=4@2"])
  }

  /// pjreddie's darknet computes `leaky\r` as relu, and crashes of `[net]\r`.
  @Test func carriageReturnsAreNoBlanksOfPjreddies() throws {
    let text = "# mine\r\n[net]\r\nwidth=4\r\n"
    let parsed = try config(text, .pjreddie)
    #expect(parsed.warnings.map(\.places) == [[.line(2)]])
    #expect(parsed.warnings.first?.message.contains("carriage return") == true)
    #expect(try config(text).warnings == [])
  }

  @Test func theFirstEqualsSignSplits() throws {
    #expect(try pairs("[net]\na=b=c\n=d\n") == ["[net]", "a=b=c@2", "=d@3"])
  }

  @Test func aLineWithoutEqualsHidesLaterOnes() throws {
    let parsed = try config("[net]\nwidth\nwidth=4\n")
    #expect(parsed.sections[0].entries.map(\.value) == ["", "4"])
    #expect(parsed.warnings.count == 1)
    #expect(parsed.warnings[0].places == [.line(2)])
    let section = parsed.sections[0]
    let reader = OptionReader(section, file: "a", dialect: .alexeyab, index: nil)
    #expect(reader[NetworkOptions.width] == 0)
  }

  @Test func aLineWithoutAValueIsPassedOver() throws {
    let parsed = try config("[net]\nwidth=\nwidth= 4\n")
    #expect(parsed.sections[0].entries.map(\.value) == ["4"])
    #expect(parsed.warnings.map(\.places) == [[.line(2)]])
  }

  @Test func bytesThatAreNoUTF8() throws {
    let bytes = Array("[net]\n# caf".utf8) + [0xE9, 0x0A] + Array("a".utf8) + [0xFF, 0x3D, 0x31]
    let parsed = try ConfigFile(path: "a", bytes: bytes, dialect: .alexeyab)
    #expect(parsed.sections[0].entries.map(\.value) == ["1"])
    #expect(parsed.bytes == bytes)
  }

  @Test(arguments: [
    ("", "has no sections"), ("\n# nothing\n", "has no sections"),
    ("[net]\nwidth=4\0\n", "is no text"), ("width=4\n[net]\n", "text stands before"),
    ("# a\nhello\n[net]\n", "text stands before"), ("width=\n[net]\n", "text stands before"),
    ("x[net]\nwidth=4\n", "text stands before"),
    ("[net\nwidth=4\n", "has no end"), ("[net]x\n", "something follows"),
    ("[net] # mine\n", "something follows"),
  ])
  func refused(text: String, problem: String) throws {
    let error = try failure { try config(text) }
    #expect(error.kind == .damaged)
    #expect(error.problem.contains(problem), "\(error)")
    #expect(error.file == "test.cfg")
  }

  @Test func hankAITakesACommentBehindASection() throws {
    #expect(try pairs("[net] # mine\nwidth=4\n", .hankAI) == ["[net]", "width=4@2"])
  }

  @Test func tooManySections() throws {
    let text = String(repeating: "[a]\n", count: ConfigFile.maximumSections + 1)
    #expect(try failure { try config(text) }.problem == "has too many sections")
  }

  @Test func tooLongALine() throws {
    let list = String(repeating: "0,", count: ConfigFile.maximumLineBytes / 2)
    let error = try failure { try config("[net]\nwidth=4\n[route]\nlayers=\(list)\n") }
    #expect(error.kind == .damaged)
    #expect(error.places == [.line(4)])
    #expect(try config("[net]\nsteps=\(list.dropLast(6))\n").sections.count == 1)
  }

  @Test func tooManyOptions() throws {
    let lines = String(repeating: "a=1\n", count: ConfigFile.maximumEntries)
    #expect(try config("[net]\n\(lines)[conv]\n\(lines)").sections.count == 2)
    let error = try failure { try config("[net]\n\(lines)b=1\n") }
    #expect(error.kind == .damaged)
    #expect(error.places == [.line(ConfigFile.maximumEntries + 2)])
    #expect(try failure { try config("[net]\n\(lines)b\n") }.places == error.places)
  }

  /// A cfg of nothing but oddities earns no more warnings than anyone reads.
  @Test func tooManyWarnings() throws {
    let lines = String(repeating: "a\n", count: ConfigFile.maximumEntries)
    let warnings = try config("[net]\n\(lines)").warnings
    #expect(warnings.count == WarningList.maximumCount + 1)
    #expect(warnings.last?.message == "3096 more warnings are left out")
    #expect(try layers("[conv]\n\(lines)").warnings.count == WarningList.maximumCount + 1)
  }

  @Test func aFileThatIsTooLarge() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "a.cfg", [UInt8](repeating: UInt8(ascii: "\n"), count: ConfigFile.maximumBytes + 1))
    let error = try failure { try ConfigText(contentsOf: path) }
    #expect(error.problem == "is too large for a cfg")
  }

  @Test func controlCharactersDoNotReachTheTerminal() throws {
    let parsed = try config("[net]\n\u{1B}[2Jwidth\n")
    #expect(!parsed.warnings[0].description.contains("\u{1B}"))
    #expect(!(try failure { try config("[\u{1B}net\n") }.description.contains("\u{1B}")))
  }
}
