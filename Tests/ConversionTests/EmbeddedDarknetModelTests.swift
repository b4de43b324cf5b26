import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph
import TestSupport
import Testing

@testable import Conversion

/// What an `.h5` carries beside the Keras model, and when it counts.
struct CarriageTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.put("m", Bench.convolutions, dialect: .pjreddie)
  }

  @Test func whatIsCarried() throws {
    try bench.toKeras("m", dialect: .pjreddie)
    let checkpoint = try KerasCheckpoint(path: bench.path("m.h5"))
    let embedded = try #require(try EmbeddedDarknetModel(from: checkpoint))
    #expect(embedded.dialect == .pjreddie)
    #expect(try embedded.config == bench.bytes("m.cfg"))
    #expect(try embedded.header == Array(bench.bytes("m.weights").prefix(20)))
    #expect(embedded.layersLoaded == nil)
    #expect(Array(embedded.arrays.keys) == ["convolutional_0.rolling_variance"])
  }

  @Test func nothingTwice() throws {
    try bench.put("m", Bench.convolutions)
    let report = try bench.toKeras("m")
    #expect(report.carriedArrays == [])
    let checkpoint = try KerasCheckpoint(path: bench.path("m.h5"))
    #expect(try EmbeddedDarknetModel(from: checkpoint)?.arrays.isEmpty == true)
  }

  /// A value changed in the `.h5` arrives in the `.weights`; the carried original counts no more.
  @Test func changedDatasetBeatsTheCarriedOriginal() throws {
    try bench.toKeras("m", dialect: .pjreddie)
    let original = try bench.bytes("m.weights")
    // The variances start behind biases, scales and means of four channels each.
    let place = 20 + 4 * 12
    let checkpoint = try KerasCheckpoint(path: bench.path("m.h5"))
    let layer = try #require(checkpoint.layers.first { $0.name == "convolutional_0_bn" })
    let variance = try #require(layer.weights.last)
    let offset = Int(try #require(variance.dataset.contiguousOffset))
    try checkpoint.file?.close()

    var model = try bench.bytes("m.h5")
    model.replaceSubrange(offset..<(offset + 4), with: bytes(of: 2))
    try bench.write("m.h5", model)
    try bench.toDarknet("m")
    let back = try bench.bytes("back.weights")
    let changed = number(back[place..<(place + 4)])
    // (√v + 1e-6)² is what Keras divides by the root of, with its own epsilon taken off.
    #expect(abs(changed - 2) < 1e-4)
    #expect(back[..<place] == original[..<place])
    #expect(back[(place + 16)...] == original[(place + 16)...])
    for channel in 1..<4 {
      let start = place + 4 * channel
      let (new, old) = (number(back[start..<(start + 4)]), number(original[start..<(start + 4)]))
      #expect(abs(new - old) <= 4 * old.ulp)
    }
  }

  /// Kernels are not carried, so that a change of one shows by itself.
  @Test func changedKernelArrives() throws {
    try bench.toKeras("m", dialect: .pjreddie)
    let checkpoint = try KerasCheckpoint(path: bench.path("m.h5"))
    let kernel = try #require(checkpoint.layers.last?.weights.first)
    let offset = Int(try #require(kernel.dataset.contiguousOffset))
    try checkpoint.file?.close()
    var model = try bench.bytes("m.h5")
    model.replaceSubrange(offset..<(offset + 4), with: bytes(of: 42))
    try bench.write("m.h5", model)
    try bench.toDarknet("m")
    var expected = try bench.bytes("m.weights")
    expected.replaceSubrange((20 + 4 * 140)..<(20 + 4 * 141), with: bytes(of: 42))
    #expect(try bench.bytes("back.weights") == expected)
  }

  /// `--cfg` names the network to fill, whatever is carried.
  @Test func namedCfgWithTheSameShapes() throws {
    try bench.toKeras("m", dialect: .pjreddie)
    var options = KerasToDarknet.Options()
    options.config = try ConfigText(contentsOf: bench.path("m.cfg"))
    try bench.toDarknet("m", options)
    #expect(try bench.bytes("back.weights") == bench.bytes("m.weights"))
  }

  @Test func headerOnTheWayBack() throws {
    try bench.toKeras("m", dialect: .pjreddie)
    var options = KerasToDarknet.Options()
    options.header = .first
    try bench.toDarknet("m", options)
    let back = try bench.bytes("back.weights")
    #expect(Array(back.prefix(16)) == WeightsHeader(.first, seen: 64_000).bytes)
    #expect(try back.dropFirst(16) == bench.bytes("m.weights").dropFirst(20))
  }

  @Test func uptoOnTheWayBack() throws {
    try bench.toKeras("m", dialect: .pjreddie)
    var options = KerasToDarknet.Options()
    options.limit = 1
    try bench.toDarknet("m", options)
    #expect(try bench.bytes("back.weights") == Array(bench.bytes("m.weights").prefix(20 + 4 * 124)))
  }

  @Test func damagedCarriage() throws {
    try bench.toKeras("m", dialect: .pjreddie)
    let model = try bench.bytes("m.h5")
    let range = try #require(model.firstRange(of: Array("pjreddie".utf8)))
    // In a header of an object whose checksum then fails, or as a dialect that does not exist.
    try bench.write("m.h5", model.replacing(model[range], with: Array("pjreddix".utf8)))
    #expect(try failure { try bench.toDarknet("m") }.kind == .damaged)
  }
}
