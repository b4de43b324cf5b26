import Testing

@testable import FileSupport

struct ModelFileErrorTests {
  @Test func everythingInItsLine() {
    let error = ModelFileError(
      .damaged, file: "a.weights",
      at: [.layer(index: 3, type: "convolutional"), .array("weights"), .byte(20)],
      "the file ends", expected: "8 bytes", found: "4 bytes", cause: "cut", remedy: "fetch it")
    #expect(
      error.description == """
        a.weights: layer 3 [convolutional], array 'weights', byte 20: the file ends
          expected: 8 bytes
          found: 4 bytes
          cause: cut
          remedy: fetch it
        """)
  }

  @Test func nothingButTheProblem() {
    #expect(ModelFileError(.usage, "makes no sense").description == "makes no sense")
  }

  @Test(arguments: [
    (ModelFileError.Place.line(7), "line 7"), (.byte(.max), "byte 18446744073709551615"),
    (.option("si\u{1B}ze"), "option 'si\\u{1b}ze'"), (.path("/a\nb"), "/a\\u{a}b"),
    (.array("w\u{202E}x"), "array 'w\\u{202e}x'"),
  ])
  func places(place: ModelFileError.Place, text: String) {
    #expect(place.description == text)
  }

  @Test func fileAndPlacesAreFilledInFromOutside() {
    let error = ModelFileError(.damaged, at: [.line(2)], "is odd")
    #expect(error.inFile("a").inFile("b").file == "a")
    #expect(error.at(.path("x"), .byte(1)).places == [.path("x"), .byte(1), .line(2)])
  }

  @Test(arguments: [
    ("plain text, ä, 網", "plain text, ä, 網"), ("\u{1B}[2J", "\\u{1b}[2J"),
    ("a\r\nb\t", "a\\u{d}\\u{a}b\\u{9}"), ("\u{9B}x\u{7F}", "\\u{9b}x\\u{7f}"),
    ("\u{2066}abc\u{2069}\u{200F}", "\\u{2066}abc\\u{2069}\\u{200f}"), ("\0", "\\u{0}"),
  ])
  func escaping(raw: String, shown: String) {
    #expect(raw.escapedForTerminal == shown)
  }

  @Test func aFileNameCannotForgeALine() {
    let error = ModelFileError(.damaged, file: "x\n  remedy: run me", "is odd")
    #expect(!error.description.contains("\n"))
    let warning = ModelWarning(file: "x\ny", at: [.line(1)], "is odd")
    #expect(warning.description == "x\\u{a}y: line 1: is odd")
  }
}
