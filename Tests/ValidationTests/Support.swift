import Conversion
import Darknet
import FileSupport
import Foundation
import Inference
import Testing

@testable import Validation

/// A temporary folder that is removed with the object, and comparisons of files in it.
final class Bench {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "nnfmt-validation-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// `NAME.cfg` with these sections behind `[net]`, and `NAME.weights` with these numbers.
  func put(
    _ name: String, _ cfg: String, _ values: [Float],
    header: WeightsHeader = WeightsHeader(.third, seen: 0)
  ) throws {
    let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
    try Data(cfg.utf8).write(to: folder.appending(path: "\(name).cfg"))
    try Data(header.bytes + bytes).write(to: folder.appending(path: "\(name).weights"))
  }

  func weights(_ name: String, _ dialect: Dialect = .alexeyab) throws -> WeightsFile {
    try WeightsFile(
      path: path("\(name).weights"),
      network: try Network(contentsOf: path("\(name).cfg"), dialect: dialect))
  }

  func model(_ name: String, _ dialect: Dialect = .alexeyab) throws -> ComparedModel {
    try ComparedModel(try weights(name, dialect))
  }

  /// `NAME.weights` becomes `NAME.h5`.
  func convert(_ name: String, _ dialect: Dialect) throws -> ComparedModel {
    let file = try OutputFile(path: path("\(name).h5"), overwrites: true)
    _ = try DarknetToKeras(try weights(name, dialect)).write(to: file, compression: nil) { _, _ in }
    try OutputFile.commit([file])
    let checkpoint = try KerasToDarknet(path("\(name).h5"), KerasToDarknet.Options())
    return try ComparedModel(checkpoint, path: path("\(name).h5"))
  }

  func compare(_ a: ComparedModel, _ b: ComparedModel, seed: UInt64 = 1) throws -> ComparisonReport
  {
    let comparison = try Comparison(a, b, engine: ReferenceEngine())
    return try comparison.report(inputs: comparison.inputs(seed: seed))
  }
}

/// Numbers between 0.25 and 1.25, the same in every run: good as variances, too.
func numbers(_ count: Int) -> [Float] {
  var state: UInt32 = 1
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return Float(state >> 8) / Float(1 << 24) + 0.25
  }
}
