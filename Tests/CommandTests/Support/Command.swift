import Foundation
import TestSupport
import Testing

/// What a run of nnfmt came to.
struct Answer {
  /// The command as a user would type it.
  let command: String
  let code: Int32
  let out: String
  let err: String
  /// Names of files that the run has made, hidden ones included.
  let made: [String]

  /// Everything in one text: what is compared with a snapshot.
  var transcript: String {
    var text = "$ \(command)\n"
    if !out.isEmpty { text += "--- standard output\n\(out)" }
    if !err.isEmpty { text += "--- standard error\n\(err)" }
    if !made.isEmpty { text += "--- made: \(made.joined(separator: ", "))\n" }
    return text + "--- exit code \(code)\n"
  }
}

/// The nnfmt that was built beside the tests.
enum Command {
  /// `.build/debug/nnfmt`, or wherever the products of this build lie.
  static let binary: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let running = URL(fileURLWithPath: CommandLine.arguments[0])
    return (bundle ?? running).deletingLastPathComponent().appending(path: "nnfmt")
  }()

  /// Settings of whoever runs the tests must not show.
  static func environment(_ changes: [String: String] = [:]) -> [String: String] {
    ProcessInfo.processInfo.environment
      .filter { !["NO_COLOR", "COLUMNS", "LINES"].contains($0.key) && !$0.key.hasPrefix("NNFMT") }
      .merging(changes) { $1 }
  }

  /// Quotes an argument where a shell would need it.
  static func quoted(_ argument: String) -> String {
    let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./=".contains($0) }
    return isPlain && !argument.isEmpty ? argument : "'\(argument)'"
  }
}

extension Workplace {
  /// Runs nnfmt in the folder, without a terminal.
  func nnfmt(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Answer {
    let before = try names
    let logs = try Workplace()
    let process = Process()
    process.executableURL = Command.binary
    process.arguments = arguments
    process.currentDirectoryURL = root
    process.environment = Command.environment(environment)
    process.standardInput = FileHandle.nullDevice
    // Files, since a pipe that nobody empties would block a long answer.
    process.standardOutput = try logs.output("out")
    process.standardError = try logs.output("err")
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationReason == .exit, "ended by a signal: \(arguments)")
    return Answer(
      command: (["nnfmt"] + arguments.map(Command.quoted)).joined(separator: " "),
      code: process.terminationStatus, out: try logs.text("out"), err: try logs.text("err"),
      made: try names.subtracting(before).sorted())
  }

  /// The same, with arguments one by one.
  func nnfmt(_ arguments: String...) throws -> Answer { try nnfmt(arguments) }
}
