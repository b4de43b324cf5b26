import FileSupport
import Foundation
import ModelGraph
import Testing

@testable import Darknet

/// A cfg that is no file.
func config(_ text: String, _ dialect: Dialect = .alexeyab) throws -> ConfigFile {
  try ConfigFile(path: "test.cfg", bytes: Array(text.utf8), dialect: dialect)
}

/// The network of a cfg that is no file.
func network(_ text: String, _ dialect: Dialect = .alexeyab) throws -> Network {
  try Network(try config(text, dialect), dialect: dialect)
}

/// A network that takes an image of 3 × 8 × 8, with these sections behind `[net]`.
func layers(
  _ sections: String, _ dialect: Dialect = .alexeyab, input: (c: Int, h: Int, w: Int) = (3, 8, 8)
) throws -> Network {
  try network(
    "[net]\nchannels=\(input.c)\nheight=\(input.h)\nwidth=\(input.w)\n\(sections)", dialect)
}

/// The bytes of a `.weights` file: a header, then floats 0, 1, 2, …
func weights(header: WeightsHeader, floats: Int) -> [UInt8] {
  var bytes = header.bytes
  bytes.reserveCapacity(bytes.count + 4 * floats)
  for index in 0..<floats {
    let pattern = Float(index).bitPattern
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) }
  }
  return bytes
}

/// The values of a parameter in the order of its shape.
func values(of parameter: Parameter) throws -> [Float] {
  let source = try #require(parameter.source)
  var result: [Float] = []
  try TensorStream().forEachBand(
    of: source, elementType: parameter.elementType, view: parameter.view
  ) { bytes in
    result += bytes.bindMemory(to: Float.self)
  }
  return result
}

/// Compares a text with `Snapshots/NAME.txt`; with `RECORD=1` in the environment it writes that file.
func expectSnapshot(
  _ text: String, named name: String, hiding folder: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Snapshots/\(name).txt")
  let shown = (folder.isEmpty ? text : text.replacingOccurrences(of: folder, with: "…")) + "\n"
  if ProcessInfo.processInfo.environment["RECORD"] == "1" {
    try shown.write(to: file, atomically: true, encoding: .utf8)
    return
  }
  let recorded = try String(contentsOf: file, encoding: .utf8)
  #expect(shown == recorded, "differs from \(name).txt", sourceLocation: sourceLocation)
}
