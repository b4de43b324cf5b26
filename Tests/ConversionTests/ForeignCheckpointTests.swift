import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph
import TestSupport
import Testing

@testable import Conversion

/// Checkpoints that nnfmt did not make, or that were changed since, filled into a cfg that is named.
struct ForeignCheckpointTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.put("m", Bench.convolutions)
  }

  /// A layer's name with its weights: name, extents, numbers.
  private typealias Layers = [(name: String, weights: [(String, [UInt64], [Float])])]

  /// The layers of `m`, as Keras stores them, read from a model that nnfmt made.
  private func layers() throws -> Layers {
    try bench.toKeras("m")
    return try KerasCheckpoint(path: bench.path("m.h5")).layers.map { layer in
      (
        layer.name.description,
        try layer.weights.map { weight in
          let count = try weight.dataset.elementCount()
          var numbers = [Float](repeating: 0, count: count)
          try numbers.withUnsafeMutableBufferPointer { try weight.dataset.readFloats(into: $0) }
          return (weight.name.description, weight.dataset.shape.extents ?? [], numbers)
        }
      )
    }
  }

  /// A file of weights only, in the legacy layout.
  private func write(_ layers: Layers, type: Datatype = .float32) throws {
    let file = try HDF5File.create(at: bench.path("foreign.h5"))
    try file.root.setAttribute(named: "layer_names", strings: layers.map { LinkName($0.name) })
    for (name, weights) in layers {
      let group = try file.root.createGroup(named: LinkName(name))
      try group.setAttribute(named: "weight_names", strings: weights.map { LinkName($0.0) })
      for (name, extents, numbers) in weights {
        let dataset = try group.createDataset(
          named: LinkName(name), type: type, shape: .simple(extents))
        let stored: [UInt8] = numbers.flatMap { number in
          switch type {
          case .float64: withUnsafeBytes(of: Double(number).bitPattern.littleEndian, Array.init)
          case .float16: half(number)
          default: bytes(of: number)
          }
        }
        try stored.withUnsafeBytes { try dataset.write(from: $0) }
      }
    }
    try file.close()
  }

  private func half(_ number: Float) -> [UInt8] {
    // Normal positive numbers, cut: all that is written here.
    let bits = number.bitPattern
    let short = UInt16((Int(bits >> 23 & 255) - 127 + 15) << 10) | UInt16(bits >> 13 & 1023)
    return [UInt8(truncatingIfNeeded: short), UInt8(short >> 8)]
  }

  private func fill() throws -> ConversionReport {
    var options = KerasToDarknet.Options()
    options.config = try ConfigText(contentsOf: bench.path("m.cfg"))
    return try bench.toDarknet("foreign", options)
  }

  private var floatsOnly: ArraySlice<UInt8> {
    get throws { try bench.bytes("m.weights").dropFirst(20) }
  }

  @Test func namesThatMatch() throws {
    try write(try layers())
    let report = try fill()
    #expect(report.warnings == [])
    #expect(try bench.bytes("back.weights").dropFirst(20) == floatsOnly)
    #expect(
      try Array(bench.bytes("back.weights").prefix(20)) == WeightsHeader(.third, seen: 0).bytes)
  }

  @Test func orderIsOfNoAccountWhereNamesMatch() throws {
    try write(try layers().reversed())
    #expect(try fill().warnings == [])
    #expect(try bench.bytes("back.weights").dropFirst(20) == floatsOnly)
  }

  @Test func renamedLayersArePairedByOrder() throws {
    let renamed = try layers().enumerated().map { ("layer\($0)", $1.weights) }
    try write(renamed + [("without", [])])
    let warnings = try fill().warnings
    #expect(warnings.count == 1)
    #expect(
      warnings.first?.message == "layers are paired by order, because the file names them "
        + "otherwise ('layer0' for 'convolutional_0')")
    #expect(try bench.bytes("back.weights").dropFirst(20) == floatsOnly)
  }

  @Test func doublesAreRounded() throws {
    try write(try layers(), type: .float64)
    _ = try fill()
    #expect(try bench.bytes("back.weights").dropFirst(20) == floatsOnly)
  }

  @Test func halves() throws {
    try write(try layers(), type: .float16)
    _ = try fill()
    let back = try Array(bench.bytes("back.weights").dropFirst(20))
    let original = try Array(floatsOnly)
    for start in stride(from: 0, to: original.count, by: 4) {
      let expected = Float(
        bitPattern: number(original[start..<(start + 4)]).bitPattern & ~0x1FFF)
      #expect(number(back[start..<(start + 4)]) == expected)
    }
  }

  @Test func withoutACfg() throws {
    try write(try layers())
    let error = try failure { try bench.toDarknet("foreign") }
    #expect(error.kind == .unsupported)
    #expect(error.remedy?.contains("--cfg") == true)
    #expect(error.file == bench.path("foreign.h5"))
  }

  @Test func missingLayer() throws {
    try write(try layers().dropLast())
    let error = try failure { try fill() }
    #expect(error.kind == .damaged)
    #expect(error.places == [.path("convolutional_1")])
    #expect(error.found == "none")
  }

  @Test func missingWeight() throws {
    var layers = try layers()
    layers[0].weights.append(("bias:0", [4], [0, 0, 0, 0]))
    try write(layers)
    let error = try failure { try fill() }
    #expect(error.kind == .damaged)
    #expect(error.places == [.path("convolutional_0")])
    #expect(error.expected == "kernel [3, 3, 3, 4]")
    #expect(error.found == "[3, 3, 3, 4], [4]")
  }

  @Test func otherShape() throws {
    var layers = try layers()
    layers[0].weights[0].1.reverse()
    try write(layers)
    let error = try failure { try fill() }
    #expect(error.kind == .damaged)
    #expect(error.expected == "kernel [3, 3, 3, 4]")
    #expect(error.found == "[4, 3, 3, 3]")
  }
}
