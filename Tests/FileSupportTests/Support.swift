import FileSupport
import Foundation
import Testing

/// A folder that goes away with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "nnfmt-files-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in the folder.
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  /// What is in the folder, hidden files included.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// The text of a file.
func text(of path: String) throws -> String {
  try String(contentsOfFile: path, encoding: .utf8)
}

/// The error that `body` ends with; a test fails if it ends well.
func failure(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Any
) throws -> ModelFileError {
  let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) {
    _ = try body()
  }
  return try #require(error, sourceLocation: sourceLocation)
}
