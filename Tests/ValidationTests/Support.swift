import Conversion
import Darknet
import FileSupport
import Foundation
import Inference
import Keras
import TestSupport
import Testing

@testable import Validation

/// A temporary folder, and comparisons of files in it.
final class Bench: TemporaryFolder {
  /// `NAME.cfg` with these sections behind `[net]`, and `NAME.weights` with these numbers.
  func put(
    _ name: String, _ cfg: String, _ values: [Float],
    header: WeightsHeader = WeightsHeader(.third, seen: 0)
  ) throws {
    try write("\(name).cfg", cfg)
    try write("\(name).weights", header.bytes + stored(values))
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
    _ = try DarknetToKeras(try weights(name, dialect)).write(to: file) { _, _ in }
    try OutputFile.commit([file])
    let checkpoint = try KerasCheckpoint(path: path("\(name).h5"))
    return try ComparedModel(try KerasToDarknet(checkpoint), of: checkpoint)
  }

  func compare(_ a: ComparedModel, _ b: ComparedModel, seed: UInt64 = 1) throws -> ComparisonReport
  {
    let comparison = try Comparison(a, b, engine: ReferenceEngine())
    return try comparison.report(inputs: comparison.inputs(seed: seed))
  }
}

/// Numbers as a weights file holds them.
private func stored(_ numbers: [Float]) -> [UInt8] { numbers.flatMap { bytes(of: $0) } }
