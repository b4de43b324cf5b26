import FileSupport
import HDF5
import ModelGraph
import TestSupport
import Testing

@testable import Keras

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The legacy layout, written and read.
@Suite struct LegacyContainerTests {
  @Test(arguments: [nil, 6])
  func whatIsWrittenIsReadBack(level: Int?) throws {
    let weights = numbers(.weights, [40, 16, 3, 3])
    let biases = numbers(.biases, [40])
    let model = try raised(
      Convolution(
        window: Window(
          size: [3, 3], strides: [1, 1],
          padding: [Padding(before: 1, after: 1), Padding(before: 1, after: 1)]), groups: 1,
        weights: weights, biases: biases), on: [16, 5, 5])
    let scratch = try ScratchFile()
    let stored = try scratch.write(model, compression: level)
    #expect(stored.map(\.path) == ["/model_weights/op/kernel:0", "/model_weights/op/bias:0"])
    #expect(stored.map(\.parameter) == ["p.weights", "p.biases"])

    let checkpoint = try KerasCheckpoint(path: scratch.path)
    #expect(checkpoint.container == .fullModel)
    #expect(checkpoint.kerasVersion == "2.15.0")
    #expect(checkpoint.backend == "tensorflow")
    #expect(checkpoint.configuration == model.configuration)
    #expect(checkpoint.layers.map(\.name) == ["op"])
    let kernel = checkpoint.layers[0].weights[0]
    #expect(try kernel.shape() == [3, 3, 16, 40])
    #expect(try kernel.elementType() == .float32)
    #expect((try kernel.source() is FileRegion) == (level == nil))
    let values = try floats(kernel)
    // [out, in, h, w] → [h, w, in, out]
    #expect(values[1] == Float(16 * 9))
    #expect(values[40] == 9)
    #expect(values[40 * 16] == 1)
    #expect(stored.allSatisfy { $0.sha256 == nil })
    #expect(try floats(checkpoint.layers[0].weights[1]) == (0..<40).map { Float($0) })
  }

  @Test func sharedArraysAreStoredOnce() throws {
    var graph = try OneInputGraph([64, 4, 4])
    let window = Window(
      size: [1, 1], strides: [1, 1],
      padding: [Padding(before: 0, after: 0), Padding(before: 0, after: 0)])
    let shared = Convolution(
      window: window, groups: 1, weights: numbers(.weights, [64, 64, 1, 1]), biases: nil)
    let first = try graph.add(shared, "first")
    let second = try graph.add(shared, "second", on: [first])
    let scratch = try ScratchFile()
    let stored = try scratch.write(try graph.model(second))
    #expect(stored.count == 2)
    let checkpoint = try KerasCheckpoint(path: scratch.path)
    #expect(
      checkpoint.layers[0].weights[0].dataset.contiguousOffset
        == checkpoint.layers[1].weights[0].dataset.contiguousOffset)
  }

  @Test func adjustedVariancesAreWritten() throws {
    let operation = BatchNormalization(
      divisor: .sumWithRoot(epsilon: 1e-6), scales: nil, biases: nil,
      mean: numbers(.rollingMean, [4]), variance: numbers(.rollingVariance, [4]))
    let scratch = try ScratchFile()
    _ = try scratch.write(try raised(operation, on: [4, 2, 2]))
    let weights = try KerasCheckpoint(path: scratch.path).layers[0].weights
    #expect(try floats(weights[0]) == [0, 1, 2, 3])
    #expect(try floats(weights[1]) == [0, 1.000002, 2.0000029, 3.0000035])
  }

  @Test func longListsOfLayersAreSplit() throws {
    var graph = try OneInputGraph([1, 2, 2])
    var node = graph.input
    for index in 0..<300 {
      let operation = BatchNormalization(
        divisor: .rootOfSum(epsilon: 1e-5), scales: nil, biases: nil,
        mean: numbers(.rollingMean, [1]), variance: numbers(.rollingVariance, [1]))
      node = try graph.add(
        operation, "n\(index)_" + String(repeating: "x", count: 240), on: [node])
    }
    let model = try graph.model(node)
    let scratch = try ScratchFile()
    _ = try scratch.write(model)
    let file = try HDF5File(readingFrom: scratch.path)
    let weights = try file.root.group(named: "model_weights")
    #expect(try weights.attribute(named: "layer_names") == nil)
    #expect(try weights.attribute(named: "layer_names1") != nil)
    let checkpoint = try KerasCheckpoint(path: scratch.path)
    #expect(
      checkpoint.layers.map(\.name) == model.layers.dropFirst().map { LinkName($0.name) })
  }

  @Test func containersAreTold() throws {
    let plain = try ScratchFile()
    try plain.make { root throws(ModelFileError) in try root.createGroup(named: "a") }
    #expect(try KerasCheckpoint(path: plain.path).container == .plain)

    let weights = try ScratchFile()
    try weights.make { root throws(ModelFileError) in
      try root.setAttribute(named: "layer_names", strings: ["a"])
      try root.createGroup(named: "a").setAttribute(named: "weight_names", strings: [])
    }
    let checkpoint = try KerasCheckpoint(path: weights.path)
    #expect(checkpoint.container == .weights)
    #expect(checkpoint.layers.map(\.weights.count) == [0])

    let modern = try ScratchFile()
    try modern.make { root throws(ModelFileError) in try root.createGroup(named: "layers") }
    #expect(try KerasCheckpoint(path: modern.path).container == .version3Weights)

    let other = try ScratchFile()
    try other.make { root throws(ModelFileError) in
      try root.setAttribute(named: "model_config", string: "[1]")
    }
    #expect(try KerasCheckpoint(path: other.path).container == .plain)
  }

  @Test func brokenConfigurationsNameTheirPlace() throws {
    let scratch = try ScratchFile()
    try scratch.make { root throws(ModelFileError) in
      try root.setAttribute(named: "model_config", string: "{\"a\":")
    }
    let error = #expect(throws: ModelFileError.self) { try KerasCheckpoint(path: scratch.path) }
    #expect(error?.kind == .damaged)
    #expect(error?.file == scratch.path)
    #expect(error?.places.last == .byte(5))
  }

  @Test(arguments: [[""], ["gone"]])
  func layersThatAreNotThereAreRefused(names: [String]) throws {
    let scratch = try ScratchFile()
    try scratch.make { root throws(ModelFileError) in
      try root.setAttribute(named: "layer_names", strings: names.map { LinkName($0) })
    }
    let error = #expect(throws: ModelFileError.self) { try KerasCheckpoint(path: scratch.path) }
    #expect(error?.kind == .damaged)
  }
}

/// An HDF5 file in a temporary folder.
private struct ScratchFile {
  private let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("m.h5")
  }

  func write(
    _ model: KerasModel, compression: Int? = nil
  ) throws(ModelFileError) -> [StoredVariable] {
    let output = try OutputFile(path: path, overwrites: false)
    var written: [StoredVariable] = []
    try KerasWriter(try RewrittenModel(model), compression: compression).write(to: output) { _ in
    } beside: { _, stored in
      written = stored
    }
    try OutputFile.commit([output])
    return written
  }

  func make(_ body: (Group) throws(ModelFileError) -> Void) throws(ModelFileError) {
    let file = try HDF5File.create(at: path)
    try body(file.root)
    try file.close()
  }
}

/// Numbers in memory.
private struct MemorySource: TensorSource {
  let values: [Float]

  var byteCount: Int { values.count * 4 }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    values.withUnsafeBytes { bytes in
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + buffer.count)]))
    }
  }
}

/// A parameter that holds 0, 1, 2, ….
private func numbers(_ role: ParameterRole, _ shape: Shape) -> Parameter {
  let values = (0..<shape.elementCount).map { Float($0) }
  return Parameter(
    role.rawValue, of: "p", role: role, shape: shape, source: MemorySource(values: values))
}

private func bytes(_ weight: StoredWeight) throws -> [UInt8] {
  let source = try weight.source()
  var bytes = [UInt8](repeating: 0, count: source.byteCount)
  try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: 0) }
  return bytes
}

private func floats(_ weight: StoredWeight) throws -> [Float] {
  try bytes(weight).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
}

private func digest(_ weight: StoredWeight) throws -> String {
  let digest = try SHA256()
  try bytes(weight).withUnsafeBytes { digest.update($0) }
  return digest.finish()
}
