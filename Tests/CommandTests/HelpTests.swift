import TestSupport
import Testing

/// What nnfmt says of itself.
struct HelpTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test(arguments: [
    ([], "help"), (["--help"], "help"), (["help"], "help"),
    (["help", "inspect"], "help-inspect"), (["inspect", "--help"], "help-inspect"),
    (["help", "convert"], "help-convert"), (["convert", "-h"], "help-convert"),
    (["help", "run"], "help-run"), (["help", "validate"], "help-validate"),
    (["help", "layers"], "help-layers"), (["diff", "--help"], "help-diff"),
    (["help", "detect"], "help-detect"), (["help", "train"], "help-train"),
  ])
  func help(arguments: [String], name: String) throws {
    let answer = try place.nnfmt(arguments)
    #expect(answer.code == 0)
    #expect(answer.err == "")
    try expectSnapshot(answer.out, named: "help/\(name)")
  }

  @Test func version() throws {
    let answer = try place.nnfmt("--version")
    #expect(answer.code == 0)
    let form = /(development|\d+\.\d+\.\d+(\+\d+\.g[0-9a-f]+)?)\n/
    #expect(answer.out.wholeMatch(of: form) != nil, "\(answer.out)")
  }

  /// A page of help fits a terminal of 80 columns.
  @Test(arguments: ["inspect", "convert", "run", "validate", "diff", "layers", "detect", "train"])
  func helpIsNarrow(command: String) throws {
    for line in try place.nnfmt("help", command).out.split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
  }
}
