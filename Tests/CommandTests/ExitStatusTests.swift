import Foundation
import Testing

@testable import nnfmt

/// The pages tell of the exit codes that there are.
struct ExitStatusTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: ["README.md", "spec/errors.md"])
  func tables(page: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
    let codes = text.matches(of: #/(?m)^\|(?: [^|]*\|)? (\d+) \| /#).compactMap { Int32($0.1) }
    #expect(codes == ExitStatus.allCases.map(\.rawValue))
  }

  @Test func signals() {
    #expect(
      [SIGHUP, SIGINT, SIGTERM].map { ExitStatus(signal: $0) } == [
        .hungUp, .interrupted, .terminated,
      ])
  }
}
