import TestSupport
import Testing

@testable import nnfmt

/// Colours are for terminals, and for those who want them.
@Suite(.enabled(if: Terminal.isAvailable, "script is not installed"))
struct TerminalTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  @Test func coloursOnATerminal() throws {
    let shown = try place.nnfmtOnTerminal("inspect", "tiny.weights")
    #expect(shown.contains("\u{1B}[1mtiny.weights\u{1B}[0m"))
    #expect(shown.contains("\u{1B}[32mstatus: complete\u{1B}[0m"))
  }

  @Test func noColoursInAFile() throws {
    let answer = try place.nnfmt("inspect", "tiny.weights")
    #expect(!answer.out.contains("\u{1B}"))
    let shown = try place.nnfmtOnTerminal("inspect", "tiny.weights", columns: 200)
    #expect(shown.strippingColours == answer.out)
  }

  @Test(arguments: [("1", false), ("anything", false), ("", true)])
  func noColor(value: String, isColoured: Bool) throws {
    let shown = try place.nnfmtOnTerminal(
      "inspect", "tiny.weights", environment: ["NO_COLOR": value])
    #expect(shown.contains("\u{1B}") == isColoured)
  }

  @Test func errorsAndWarnings() throws {
    #expect(
      try place.nnfmtOnTerminal("inspect", "none").hasPrefix("\u{1B}[1;31merror:\u{1B}[0m none"))
    try place.write("odd.cfg", try Sample.tiny("size=3", "size=3\nsiez=3"))
    #expect(
      try place.nnfmtOnTerminal("inspect", "odd.cfg").contains(
        "\u{1B}[1;33mwarning:\u{1B}[0m odd.cfg"))
  }

  @Test func documentsAreNeverColoured() throws {
    let shown = try place.nnfmtOnTerminal("inspect", "tiny.weights", "--json")
    #expect(!shown.contains("\u{1B}"))
  }

  @Test func stylesWithoutATerminal() {
    let style = Style(Console.Stream(descriptor: -1))
    for text in [
      style.heading("x"), style.faint("x"), style.error("x"), style.warning("x"), style.good("x"),
    ] {
      #expect(text == "x")
    }
  }
}

extension String {
  fileprivate var strippingColours: String { replacing(/\u{1B}\[[0-9;]*m/, with: "") }
}
