import FileSupport
import Foundation
import HDF5
import ModelGraph
import TestSupport

@testable import Keras
@testable import Validation

/// A Keras model of a matrix, a batch normalization and another matrix, with numbers of any type.
struct KerasFixture {
  var names = ["first", "norm", "second"]
  var epsilon = 1e-3
  var units = 2
  /// Whether the length of the input is told.
  var input = Shape([3])
  var type = ElementType.float32
  /// Two matrices with biases, and four numbers a channel between them.
  var values = numbers(KerasFixture.count).map(Double.init)

  static let count = 3 * 2 + 2 + 4 * 2 + 2 * 2 + 2

  /// Writes it as a full model in the legacy layout.
  func write(to path: String) throws {
    let output = try OutputFile(path: path, overwrites: true)
    try KerasWriter(try RewrittenModel(try model())).write(to: output) { _ in }
    try OutputFile.commit([output])
  }

  private func model() throws -> KerasModel {
    var left = values[...]
    func variable(_ layer: String, _ name: String, _ shape: Shape, _ role: ParameterRole)
      -> KerasVariable
    {
      let own = left.prefix(shape.elementCount)
      left = left.dropFirst(shape.elementCount)
      let parameter = Parameter(
        name, of: layer, role: role, shape: shape, elementType: type,
        source: Bytes(own.flatMap(bytes)))
      return KerasVariable(name: name, shape: shape, parameter: parameter, view: parameter.view)
    }
    func dense(_ name: String, from: String, _ inputs: Int) -> KerasLayer {
      KerasLayer(
        name: name, layerClass: KerasLayers.Dense(units: units, usesBias: true),
        calls: [KerasCall([KerasTensorReference(layer: from)])],
        variables: [
          variable(name, "kernel", [inputs, units], .weights),
          variable(name, "bias", [units], .biases),
        ], outputShape: [units])
    }
    let vectors = [
      ("gamma", ParameterRole.scales), ("beta", .biases), ("moving_mean", .rollingMean),
      ("moving_variance", .rollingVariance),
    ]
    let first = dense(names[0], from: "x", 3)
    let norm = KerasLayer(
      name: names[1],
      layerClass: KerasLayers.BatchNormalization(epsilon: epsilon, centers: true, scales: true),
      calls: [KerasCall([KerasTensorReference(layer: names[0])])],
      variables: vectors.map { variable(names[1], $0.0, [units], $0.1) }, outputShape: [units])
    return KerasModel(
      name: "model",
      layers: [
        KerasLayer(
          name: "x", layerClass: KerasLayers.InputLayer(shape: input), calls: [],
          outputShape: KerasShape(input)),
        first, norm, dense(names[2], from: names[1], units),
      ],
      inputs: [KerasTensorReference(layer: "x")],
      outputs: [KerasTensorReference(layer: names[2])])
  }

  private func bytes(of value: Double) -> [UInt8] {
    switch type {
    case .float64: withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    case .float16:
      // Positive and normal, as all numbers here: sign 0, the exponent's bias 15 in place of 127.
      withUnsafeBytes(
        of: UInt16((Float(value).roundedToHalf.bitPattern >> 13) - (112 << 10)).littleEndian
      ) { Array($0) }
    default: withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) }
    }
  }
}

/// Bytes in memory.
private struct Bytes: TensorSource {
  let bytes: [UInt8]
  var byteCount: Int { bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ModelFileError) {
    buffer.copyBytes(from: bytes[offset..<offset + buffer.count])
  }
}
