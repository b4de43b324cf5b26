import Foundation
import Testing

/// Compares a text with `Snapshots/NAME.txt`. With `RECORD=1` in the environment that file is written
/// instead; look at what git says of it afterwards.
func expectSnapshot(
  _ text: String, named name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = snapshots.appending(path: "\(name).txt")
  let text = withoutTemporaryPaths(text)
  if ProcessInfo.processInfo.environment["RECORD"] == "1" {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return
  }
  let expected = try? String(contentsOf: file, encoding: .utf8)
  #expect(
    text == expected, "differs from Snapshots/\(name).txt; RECORD=1 renews it",
    sourceLocation: sourceLocation)
}

/// Compares a run with a snapshot and its exit code with what the case stands for.
func expectSnapshot(
  _ answer: Answer, code: Int32, named name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(answer.code == code, "\(answer.err)", sourceLocation: sourceLocation)
  if code != 0 {
    #expect(answer.made == [], "something was left behind", sourceLocation: sourceLocation)
  }
  try expectSnapshot(answer.transcript, named: name, sourceLocation: sourceLocation)
}

private let snapshots = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "Snapshots")

/// Temporary folders and the random tails of unfinished files become `…`, and so does what libhdf5
/// says, which differs by its version.
private func withoutTemporaryPaths(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { line in
      line.hasPrefix("  cause: ") && line.contains("H5") ? "  cause: …" : String(line)
    }
    .joined(separator: "\n")
    .replacing(FileManager.default.temporaryDirectory.path + "/", with: "")
    .replacing(/nnfmt-test-[0-9A-F-]{36}/, with: "…")
    .replacing(/\.[0-9a-z]+\.partial/, with: ".….partial")
}
