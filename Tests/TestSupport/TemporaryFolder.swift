import Foundation

/// A temporary folder that is removed with the object. A target's tests add in a subclass what they
/// make in it.
open class TemporaryFolder {
  /// Where it is.
  public let root: URL

  /// Makes an empty folder.
  public init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "nnfmt-test-\(UUID())")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: root)
  }

  /// Where a file of the folder is, or would be.
  public func url(_ name: String) -> URL { root.appending(path: name) }

  /// The path of a file of the folder, which need not exist.
  public func path(_ name: String) -> String { "\(root.path)/\(name)" }

  /// What is in the folder, hidden files included.
  public var names: Set<String> {
    get throws { Set(try FileManager.default.contentsOfDirectory(atPath: root.path)) }
  }

  /// The bytes of a file.
  public func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

  /// The text of a file.
  public func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  /// Writes a file and returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: url(name))
    return path(name)
  }

  /// Writes a file of text and returns its path.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }
}
