import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph
import TestSupport
import Testing

@testable import Conversion

/// Keras models that carry no darknet network, made into one.
struct RaisedModelTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  /// `m.cfg` with numbers as a Keras model `foreign.h5` that carries nothing.
  private func foreign(_ cfg: String, dialect: Dialect = .alexeyab) throws {
    try bench.put("m", cfg, dialect: dialect)
    let weights = try bench.weights("m", dialect: dialect)
    let graph = try weights.network.graph(layout: weights.layout) { weights.source($0) }
    let output = try OutputFile(path: bench.path("foreign.h5"), overwrites: false)
    try KerasWriter(try RewrittenModel(try KerasRaising(graph).model(named: "model"))).write(
      to: output
    ) { _ in }
    try OutputFile.commit([output])
  }

  private func foreignModel(
    _ options: KerasToDarknet.Options = .init()
  ) throws -> KerasModelToDarknet {
    let path = bench.path("foreign.h5")
    return try KerasModelToDarknet(try KerasNetwork(path: path), path: path, options)
  }

  @discardableResult
  private func raise(
    _ options: KerasToDarknet.Options = .init()
  ) throws -> (conversion: KerasModelToDarknet, report: ConversionReport) {
    let conversion = try foreignModel(options)
    let file = try OutputFile(path: bench.path("raised.weights"), overwrites: true)
    let report = try conversion.write(to: file) { _, _ in }
    try OutputFile.commit([file])
    return (conversion, report)
  }

  @Test func theWayThereAndBack() throws {
    try foreign(Bench.convolutions)
    #expect(
      try KerasToDarknet.embedsNetwork(try KerasCheckpoint(path: bench.path("foreign.h5")))
        == false)
    let (conversion, report) = try raise()
    #expect(conversion.companion == conversion.network.config.bytes)
    #expect(report.layerCount == 2 && report.parameterCount == 204 && report.warnings == [])
    #expect(
      try bench.bytes("raised.weights") == WeightsHeader(.third, seen: 0).bytes
        + bench.bytes("m.weights").dropFirst(20))
    #expect(
      String(decoding: conversion.network.config.bytes, as: UTF8.self) == """
        # made by nnfmt from foreign.h5
        [net]
        width=8
        height=8
        channels=3

        [convolutional]
        batch_normalize=1
        filters=4
        size=3
        stride=1
        padding=1
        activation=leaky

        [convolutional]
        filters=16
        size=1
        stride=1
        activation=linear

        """)
  }

  @Test func flatImages() throws {
    try foreign(
      Bench.network(
        """
        [convolutional]
        filters=2
        activation=relu

        [connected]
        output=5
        activation=tanh

        [softmax]
        """))
    try raise()
    #expect(
      try bench.bytes("raised.weights").dropFirst(20) == bench.bytes("m.weights").dropFirst(20))
  }

  @Test func headersAndLimits() throws {
    try foreign(Bench.convolutions)
    var options = KerasToDarknet.Options()
    options.header = .second
    options.limit = 1
    let report = try raise(options).report
    #expect(report.layerCount == 1 && report.parameterCount == 124)
    #expect(
      try bench.bytes("raised.weights") == WeightsHeader(.second, seen: 0).bytes
        + bench.bytes("m.weights")[20..<(20 + 4 * 124)])
  }

  @Test func refusalsNameTheLayer() throws {
    try foreign(
      Bench.network(
        """
        [convolutional]
        filters=4
        size=1
        activation=linear

        [reorg3d]
        stride=2
        """))
    let error = try failure { try foreignModel() }
    #expect(error.kind == .unsupported && error.file == bench.path("foreign.h5"))
    #expect(
      error.places == [
        .layer(index: 2, type: "Reshape"), .path("reorg3d_1_split"), .option("target_shape"),
      ])
    #expect(error.problem.contains("darknet compute exactly this: reshaping from [8, 8, 4] to"))
  }

  @Test func weightsWithoutTheirModel() throws {
    let file = try HDF5File.create(at: bench.path("foreign.h5"))
    try file.root.setAttribute(named: "layer_names", strings: [])
    try file.close()
    #expect(try failure { try raise() }.kind == .usage)
  }
}
