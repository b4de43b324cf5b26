import Foundation

/// The recorded cases of real frameworks, which are no part of the package: they are looked for where
/// `NNFMT_CORPUS` says, else in `../shared/corpus` beside the package. Without them suites are skipped.
public enum Corpus {
  /// The folder that holds `darknet/`; `nil` if there is none.
  public static let folder: String? = {
    let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/corpus").standardizedFileURL.path
    let path = ProcessInfo.processInfo.environment["NNFMT_CORPUS"] ?? beside
    return FileManager.default.fileExists(atPath: "\(path)/darknet") ? path : nil
  }()

  /// The folders of a darknet suite that hold a file of this name, in order.
  public static func cases(_ suite: String, with file: String) -> [String] {
    guard let folder else { return [] }
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/darknet/\(suite)")
    return (names ?? []).sorted().map { "\(folder)/darknet/\(suite)/\($0)" }
      .filter { FileManager.default.fileExists(atPath: "\($0)/\(file)") }
  }

  /// What a JSON file holds.
  public static func json(_ path: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
