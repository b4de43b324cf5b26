import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph
import TestSupport
import Testing

@testable import Conversion

/// A `model_config` that was changed behind nnfmt's back, and networks with a layer of zeros.
struct ConfigurationCheckTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.put("m", Bench.convolutions)
    try bench.toKeras("m")
  }

  /// `edited.h5`: the layers of `m.h5`, and its configuration with one text in place of another.
  private func edit(_ old: String, _ new: String) throws {
    let checkpoint = try KerasCheckpoint(path: bench.path("m.h5"))
    let attribute = try checkpoint.file?.root.attribute(named: "model_config")
    let text = try #require(try attribute?.string())
    try #require(old == new || text.contains(old), "\(text)")
    let file = try HDF5File.create(at: bench.path("edited.h5"))
    try file.root.setAttribute(
      named: "model_config", string: text.replacing(old, with: new))
    let weights = try file.root.createGroup(named: "model_weights")
    try weights.setAttribute(named: "layer_names", strings: checkpoint.layers.map(\.name))
    for layer in checkpoint.layers {
      let group = try weights.createGroup(named: layer.name)
      try group.setAttribute(named: "weight_names", strings: layer.weights.map(\.name))
      for weight in layer.weights {
        var numbers = [Float](repeating: 0, count: try weight.dataset.elementCount())
        try numbers.withUnsafeMutableBufferPointer { try weight.dataset.readFloats(into: $0) }
        let dataset = try group.createDataset(
          named: weight.name, type: .float32, shape: weight.dataset.shape)
        try numbers.withUnsafeBytes { try dataset.write(from: $0) }
      }
    }
    try file.close()
  }

  private func fill() throws -> ConversionReport {
    var options = KerasToDarknet.Options()
    options.config = try ConfigText(contentsOf: bench.path("m.cfg"))
    return try bench.toDarknet("edited", options)
  }

  @Test func anUnchangedCopy() throws {
    try edit("", "")
    try #expect(fill().layerCount == 2)
    #expect(
      try bench.bytes("back.weights").dropFirst(20) == bench.bytes("m.weights").dropFirst(20))
  }

  @Test func anotherEpsilon() throws {
    let text = try KerasCheckpoint(path: bench.path("m.h5")).file?.root
      .attribute(named: "model_config")?.string()
    let start = try #require(text?.range(of: "\"epsilon\":")?.upperBound)
    let number = String(try #require(text)[start...].prefix { !",}".contains($0) })
    try edit("\"epsilon\":\(number)", "\"epsilon\":0.001")
    let error = try failure { try fill() }
    #expect(error.kind == .damaged)
    #expect(error.places.last == .option("epsilon"))
    #expect(error.places.contains(.path("convolutional_0_bn")))
    #expect(error.found == "0.001")
    #expect(error.remedy?.isEmpty == false)
  }

  /// What darknet's `[cost]` leaves to a layer behind it is zeros.
  @Test func costInTheMiddle() throws {
    try bench.put(
      "c", Bench.network("[convolutional]\nfilters=2\n\n[cost]\n\n[connected]\noutput=3"))
    try bench.toKeras("c")
    try bench.toDarknet("c")
    #expect(try bench.bytes("back.weights") == bench.bytes("c.weights"))
    let root = try #require(try KerasCheckpoint(path: bench.path("c.h5")).file).root
    let text = try root.attribute(named: "model_config")?.string()
    #expect(text?.contains("\"cost_1\"") == true)
  }
}
