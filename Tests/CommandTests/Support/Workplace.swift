import Darknet
import FileSupport
import Foundation
import TestSupport
import Testing

/// A temporary folder in which nnfmt runs, so that its messages hold no path but the names given.
final class Workplace: TemporaryFolder {
  /// STEM.cfg, and STEM.weights with numbers that fit it (or another cfg).
  func put(
    _ stem: String, _ cfg: String, madeFor other: String? = nil, dialect: Dialect = .alexeyab
  ) throws {
    try write("\(stem).cfg", cfg)
    try write("\(stem).weights", Sample.weights(for: other ?? cfg, dialect))
  }

  /// A `.npy` file of numbers between 0.25 and 1.25.
  func putArray(_ name: String, shape: [Int]) throws {
    let file = try OutputFile(path: path(name), overwrites: true)
    let count = shape.reduce(1, *)
    try file.appendNpy(shape: shape, values: (0..<count).map { 0.25 + Float($0 % 16) / 16 })
    try OutputFile.commit([file])
  }

  /// A new file that a process may write to.
  func output(_ name: String) throws -> FileHandle {
    try FileHandle(forWritingTo: URL(filePath: write(name, "")))
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

  /// The folder `samples` of the repository.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "samples")
}
