import Darknet
import FileSupport
import Foundation
import HDF5
import Keras
import ModelGraph
import TestSupport
import Testing

@testable import Conversion

/// A temporary folder, and conversions between files in it.
final class Bench: TemporaryFolder {
  /// `STEM.cfg` with these sections, and `STEM.weights` with numbers for it behind `header`.
  func put(
    _ stem: String, _ cfg: String, header: [UInt8] = WeightsHeader(.third, seen: 64_000).bytes,
    dialect: Dialect = .alexeyab
  ) throws {
    try write("\(stem).cfg", Array(cfg.utf8))
    let count = try Network(contentsOf: path("\(stem).cfg"), dialect: dialect).weightCount
    try write("\(stem).weights", header + floats(count))
  }

  func weights(_ stem: String, dialect: Dialect = .alexeyab) throws -> WeightsFile {
    try WeightsFile(
      path: path("\(stem).weights"),
      network: try Network(contentsOf: path("\(stem).cfg"), dialect: dialect))
  }

  /// `STEM.weights` and its cfg become `STEM.h5`.
  @discardableResult
  func toKeras(
    _ stem: String, dialect: Dialect = .alexeyab, allowsPartial: Bool = false,
    compression: Int? = nil
  ) throws -> ConversionReport {
    let conversion = try DarknetToKeras(
      try weights(stem, dialect: dialect), as: KerasTarget(compression: compression),
      allowsPartial: allowsPartial)
    let file = try OutputFile(path: path("\(stem).h5"), overwrites: true)
    let report = try conversion.write(to: file) { _, _ in }
    try OutputFile.commit([file])
    return report
  }

  /// `NAME.h5` becomes `back.weights`.
  @discardableResult
  func toDarknet(
    _ name: String, _ options: KerasToDarknet.Options = .init()
  ) throws -> ConversionReport {
    let conversion = try KerasToDarknet(
      try KerasCheckpoint(path: path("\(name).h5")), options)
    let file = try OutputFile(path: path("back.weights"), overwrites: true)
    let report = try conversion.write(to: file) { _, _ in }
    try OutputFile.commit([file])
    return report
  }

  /// `STEM.weights` becomes `other.weights`.
  @discardableResult
  func rewrite(
    _ stem: String, header: HeaderGeneration? = nil, limit: Int? = nil, allowsPartial: Bool = false
  ) throws -> ConversionReport {
    let conversion = try DarknetToDarknet(
      try weights(stem), header: header, limit: limit, allowsPartial: allowsPartial)
    let file = try OutputFile(path: path("other.weights"), overwrites: true)
    let report = try conversion.write(to: file) { _, _ in }
    try OutputFile.commit([file])
    return report
  }

  /// A network that takes images of 3 × 8 × 8.
  static func network(_ sections: String, input: String = "width=8\nheight=8\nchannels=3") -> String
  {
    "[net]\n\(input)\n\n\(sections)\n"
  }

  /// Two convolutions, the first with batch normalization: 124 floats and 80.
  static let convolutions = network(
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
}

/// The float32 of four bytes, little endian.
func number(_ bytes: some Collection<UInt8>) -> Float {
  Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
}
