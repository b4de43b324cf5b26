import Conversion
import Darknet
import FileSupport
import Foundation
import TestSupport
import Testing

@testable import Inspection

/// A temporary folder, and a small model in it.
final class Bench: TemporaryFolder {
  /// `m.cfg` and `m.weights`, the numbers counted up from 1.
  func put(dialect: Dialect = .alexeyab) throws {
    try write("m.cfg", SampleNetwork.convolutions)
    try write("m.weights", WeightsHeader(.third, seen: 7).bytes + countedUp)
  }

  /// `m.h5` of these.
  func putModel(dialect: Dialect = .alexeyab, compression: Int? = nil) throws {
    try put()
    let network = try Network(contentsOf: path("m.cfg"), dialect: dialect)
    let conversion = try DarknetToKeras(
      try WeightsFile(path: path("m.weights"), network: network),
      as: KerasTarget(compression: compression))
    let file = try OutputFile(path: path("m.h5"), overwrites: true)
    _ = try conversion.write(to: file) { _, _ in }
    try OutputFile.commit([file])
  }
}

/// 1, 2, … 204 as a weights file holds them.
private let countedUp = (1...204).flatMap { bytes(of: Float($0)) }

/// The SHA-256 of bytes.
func digest(_ bytes: some Collection<UInt8>) throws -> String {
  let hash = try SHA256()
  Array(bytes).withUnsafeBytes { hash.update($0) }
  return hash.finish()
}
