import Darknet
import FileSupport
import Foundation
import Testing

/// A temporary folder that is removed with the object; nnfmt runs in it, so that its messages hold no
/// path but the names given.
final class Workplace {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "nnfmt-command-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func url(_ name: String) -> URL { folder.appending(path: name) }

  /// What lies in the folder, hidden files too.
  func names() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
  }

  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> URL {
    try Data(bytes).write(to: url(name))
    return url(name)
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> URL { try write(name, Array(text.utf8)) }

  /// STEM.cfg, and STEM.weights with numbers that fit it (or another cfg).
  func put(
    _ stem: String, _ cfg: String, madeFor other: String? = nil, dialect: Dialect = .alexeyab
  ) throws {
    try write("\(stem).cfg", cfg)
    try write("\(stem).weights", Sample.weights(for: other ?? cfg, dialect))
  }

  /// A `.npy` file of numbers between 0.25 and 1.25.
  func putArray(_ name: String, shape: [Int]) throws {
    let file = try OutputFile(path: url(name).path, overwrites: true)
    let count = shape.reduce(1, *)
    try file.appendNpy(shape: shape, values: (0..<count).map { 0.25 + Float($0 % 16) / 16 })
    try OutputFile.commit([file])
  }

  /// A file that nnfmt has made before what is looked at.
  func prepare(_ arguments: String...) throws {
    let answer = try nnfmt(arguments)
    try #require(answer.code == 0, "\(answer.transcript)")
  }
}

/// Small networks and their numbers, the same in every run.
enum Sample {
  /// A detector of two convolutions, 204 floats.
  static let tiny = """
    [net]
    width=8
    height=8
    channels=3

    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    stride=1
    pad=1
    activation=leaky

    [convolutional]
    filters=16
    size=1
    stride=1
    activation=linear

    [yolo]
    mask=0,1
    anchors=1,2, 3,4
    classes=3
    num=2

    """

  /// Two convolutions without a function that the system's library computes, 204 floats.
  static let plain = network(
    """
    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    pad=1
    activation=leaky

    [convolutional]
    filters=16
    activation=linear
    """)

  /// `tiny` with one text changed, which must be there.
  static func tiny(_ old: String, _ new: String) throws -> String {
    let range = try #require(tiny.range(of: old))
    return tiny.replacingCharacters(in: range, with: new)
  }

  /// `[net]` and the sections given.
  static func network(_ sections: String, size: String = "width=8\nheight=8\nchannels=3") -> String
  {
    "[net]\n\(size)\n\n\(sections)\n"
  }

  /// A header of 20 bytes and as many floats as a cfg calls for, between 0.25 and 1.25.
  static func weights(for cfg: String, _ dialect: Dialect = .alexeyab) throws -> [UInt8] {
    let config = try ConfigFile(path: "cfg", bytes: Array(cfg.utf8), dialect: dialect)
    let count = try Network(config, dialect: dialect).weightCount
    return WeightsHeader(.third, seen: 32_000).bytes + floats(count)
  }

  static func floats(_ count: Int) -> [UInt8] {
    var state: UInt32 = 1
    return (0..<count).flatMap { _ -> [UInt8] in
      state = state &* 1_664_525 &+ 1_013_904_223
      return bytes(of: Float(state >> 8) / Float(1 << 24) + 0.25)
    }
  }

  static func bytes(of number: Float) -> [UInt8] {
    withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
  }

  /// The folder `samples` of the repository.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "samples")
}
