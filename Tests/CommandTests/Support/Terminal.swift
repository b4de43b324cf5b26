import Foundation
import TestSupport
import Testing

extension Workplace {
  /// Runs nnfmt with a terminal of `columns` as its standard output and standard error, and returns
  /// what it shows. util-linux's `script` makes the terminal.
  func nnfmtOnTerminal(
    _ arguments: String..., columns: Int = 80, environment: [String: String] = [:]
  ) throws -> String {
    let command = ([Command.binary.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let logs = try Workplace()
    let process = Process()
    process.executableURL = Terminal.script
    process.arguments = ["-qec", "stty cols \(columns); \(command)", "/dev/null"]
    process.currentDirectoryURL = root
    process.environment = Command.environment(environment)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try logs.output("shown")
    try process.run()
    process.waitUntilExit()
    return try logs.text("shown").replacing("\r\n", with: "\n")
  }
}

enum Terminal {
  static let script = URL(fileURLWithPath: "/usr/bin/script")

  /// macOS has a `script` of other manners.
  static var isAvailable: Bool {
    #if os(Linux)
      FileManager.default.isExecutableFile(atPath: script.path)
    #else
      false
    #endif
  }
}
