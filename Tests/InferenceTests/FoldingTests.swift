import FileSupport
import Inference
import ModelGraph
import Testing

@Suite struct FoldingTests {
  /// input [3, 2] → fold → mean of each part → unfold [3]
  private func graph(rows: Int = 3) throws -> Graph {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [rows, 2])
    let fold = try builder.add(FoldIntoBatch(), name: "fold", inputs: [input])
    let mean = try builder.add(Reduce(.mean, axes: [0]), name: "mean", inputs: [fold])
    builder.output(
      try builder.add(UnfoldFromBatch(count: rows), name: "unfold", inputs: [mean]), named: "output"
    )
    return builder.finish()
  }

  @Test func partsAreSamples() throws {
    let x = Tensor(shape: [2, 3, 2], values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    var shapes: [Shape] = []
    var result: [Float] = []
    try ReferenceEngine().run(try graph(), inputs: [x], wanting: [1, 2, 3]) { _, tensor in
      shapes.append(tensor.shape)
      result = tensor.values
    }
    #expect(shapes == [[6, 2], [6], [2, 3]])
    #expect(result == [1.5, 3.5, 5.5, 7.5, 9.5, 11.5])
  }

  @Test func memoryOfPartsIsCounted() throws {
    // 2000 of the input and as many of the fold; the means are smaller.
    #expect(Plan(try graph(rows: 1000), wanting: [3]).peakElements == 4000)
    let x = Tensor(shape: [1000, 2], values: [Float](repeating: 1, count: 2000))
    let error = #expect(throws: ModelFileError.self) {
      try ReferenceEngine(memoryLimit: 15_999).outputs(of: try graph(rows: 1000), inputs: [x])
    }
    #expect(error?.kind == .damaged)
    #expect(
      try ReferenceEngine(memoryLimit: 16_000).outputs(of: try graph(rows: 1000), inputs: [x])[0]
        .shape == [1, 1000])
  }

  @Test func valuesWithoutNumbersAreRefused() throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [.max, 0])
    builder.layer = LayerReference(index: 1, name: "layer", type: "Sum")
    builder.output(
      try builder.add(Reduce(.sum, axes: []), name: "sum", inputs: [input]), named: "output")
    let error = #expect(throws: ModelFileError.self) {
      try ReferenceEngine().outputs(
        of: builder.finish(), inputs: [Tensor(shape: [1, .max, 0], values: [])])
    }
    #expect(error?.kind == .damaged)
  }

  /// The numbers are those of numpy's `float16`.
  @Test(
    arguments: [
      (65519.996, 65504), (65520, .infinity), (-70000, -.infinity), (2049, 2048), (2051, 2052),
      (1 / 3, 0.333251953125), (-1e-5, -1.0013580322265625e-05), (5.96e-8, 0x1p-24),
      (0x1p-25, 0), (0x1.8p-24, 0x1p-23), (1e-30, 0), (3, 3), (0, 0),
    ] as [(Float, Float)])
  func half(_ x: Float, _ expected: Float) throws {
    #expect(try values(of: Cast(to: .float16), on: [1], [x]) == [expected])
  }

  /// The numbers are those of TensorFlow's `bfloat16`.
  @Test(
    arguments: [
      (65520, 65536), (-70000, -70144), (2051, 2048), (1 / 3, 0.333984375),
      (1.00390625, 1), (1.01171875, 1.015625), (3.4e38, .infinity), (-0.0025, -0.00250244140625),
      (-.infinity, -.infinity), (3, 3), (0, 0),
    ] as [(Float, Float)])
  func brainFloat(_ x: Float, _ expected: Float) throws {
    #expect(try values(of: Cast(to: .bfloat16), on: [1], [x]) == [expected])
  }

  @Test func notANumberStaysSo() throws {
    for type in [ElementType.float16, .bfloat16] {
      #expect(try values(of: Cast(to: type), on: [1], [.nan])[0].isNaN)
    }
  }

  /// The numbers are those of a `Dense` layer of Keras 3.15, quantized to int8.
  @Test func quantizedProduct() throws {
    let weights: [Int8] = [-62, 33, -43, 127, -127, 110, -75, 26, -26, 11, 77, -127]
    let operation = QuantizedProduct(
      weights: Parameter(
        "weights", of: "dense", role: .weights, shape: [3, 4], elementType: .int8,
        source: MemorySource(bytes: weights.map(UInt8.init(bitPattern:)))),
      scales: Parameter(.scales, [3], [77.9141083, 96.2121124, 103.252022]),
      biases: Parameter(.biases, [3], [0.5, -1, 2]))
    let x: [Float] = [
      -0.96, 1.6, 0.2, -1.73, -0.08, -1.16, -0.63, -0.49, -0.71, 0.55, -0.06, -0.59, 0, 0, 0, 0,
    ]
    let result = try value(of: operation, on: [Tensor(shape: [2, 2, 4], values: x)], threads: 2)
    #expect(result.shape == [2, 2, 3])
    #expect(
      agree(
        result.values,
        [
          -0.998853207, 1.45406675, 4.6901865, -0.382037342, -1.85972786, 2.0337925, 0.36503306,
          0.451384902, 2.92018938, 0.5, -1.0, 2.0,
        ]))
  }
}
