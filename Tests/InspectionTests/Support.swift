import Conversion
import Darknet
import FileSupport
import Foundation
import Testing

@testable import Inspection

/// A temporary folder that is removed with the object.
final class Bench {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "nnfmt-inspection-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: folder.appending(path: name))
    return path(name)
  }

  /// `m.cfg` and `m.weights`, the numbers counted up from 1.
  func put(dialect: Dialect = .alexeyab) throws {
    try write("m.cfg", Array(Self.cfg.utf8))
    try write(
      "m.weights", WeightsHeader(.third, seen: 7).bytes + (1...204).flatMap { bytes(of: Float($0)) }
    )
  }

  /// `m.h5` of these.
  func putModel(dialect: Dialect = .alexeyab, compression: Int? = nil) throws {
    try put()
    let network = try Network(contentsOf: path("m.cfg"), dialect: dialect)
    let conversion = try DarknetToKeras(
      try WeightsFile(path: path("m.weights"), network: network))
    let file = try OutputFile(path: path("m.h5"), overwrites: true)
    _ = try conversion.write(to: file, compression: compression) { _, _ in }
    try OutputFile.commit([file])
  }

  /// Two convolutions of 124 and 80 floats.
  static let cfg = """
    [net]
    width=8
    height=8
    channels=3
    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    pad=1
    activation=leaky
    [convolutional]
    filters=16
    activation=linear

    """
}

func bytes(of number: Float) -> [UInt8] {
  withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
}

/// The SHA-256 of bytes.
func digest(_ bytes: some Collection<UInt8>) throws -> String {
  let hash = try SHA256()
  Array(bytes).withUnsafeBytes { hash.update($0) }
  return hash.finish()
}
