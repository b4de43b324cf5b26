import FileSupport
import Inference
import ModelGraph
import TestSupport
import Testing

@Suite struct EngineTests {
  /// An operation that no engine knows.
  private struct Odd: ModelGraph.Operation {
    var errorPropagation: ErrorPropagation { .relative }
  }

  /// input → double → twice → (input + twice)
  private func chain() throws -> Graph {
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "input", shape: [2])
    let double = try builder.add(Affine(scale: 2, offset: 0), name: "double", inputs: [input])
    let twice = try builder.add(Affine(scale: 2, offset: 0), name: "twice", inputs: [double])
    builder.output(
      try builder.add(Elementwise(.sum), name: "sum", inputs: [input, twice]), named: "output")
    return builder.finish()
  }

  @Test func planForgetsWhatNobodyReads() throws {
    let plan = Plan(try chain(), wanting: [3])
    #expect(plan.steps.map(\.node.id) == [0, 1, 2, 3])
    #expect(plan.steps.map(\.releases) == [[], [], [1], [0, 2, 3]])
    #expect(plan.steps.map(\.isWanted) == [false, false, false, true])
    #expect(plan.peakElements == 6)
    #expect(Plan(try chain(), wanting: [1]).steps.map(\.node.id) == [0, 1])
  }

  @Test func handsOverInGraphOrder() throws {
    var seen: [String] = []
    try ReferenceEngine().run(
      try chain(), inputs: [Tensor(shape: [2], values: [1, 2])], wanting: [3, 0, 1]
    ) { node, tensor in
      seen.append("\(node.name) \(tensor.shape) \(tensor.values)")
    }
    #expect(
      seen == [
        "input [1, 2] [1.0, 2.0]", "double [1, 2] [2.0, 4.0]", "sum [1, 2] [5.0, 10.0]",
      ])
  }

  @Test func stopsWithTheError() throws {
    let graph = try chain()
    var count = 0
    #expect(throws: ModelFileError(.inputOutput, "full")) {
      try ReferenceEngine().run(
        graph, inputs: [Tensor(shape: [2], values: [1, 2])], wanting: [0, 1, 2]
      ) { (_, _) throws(ModelFileError) in
        count += 1
        throw ModelFileError(.inputOutput, "full")
      }
    }
    #expect(count == 1)
  }

  /// What a model declares to be whole numbers or truths loses its fractions where it is given, as both Kerases do it.
  @Test func inputsAreOfTheDeclaredType() throws {
    func given(_ type: ElementType, _ values: [Float]) throws -> [Float] {
      var builder = GraphBuilder(layout: .channelsLast)
      let input = try builder.input(name: "x", shape: [3], elementType: type)
      builder.output(input, named: "y", elementType: type)
      for layout in [ImageLayout.channelsLast, .channelsFirst] {
        let graph = try builder.finish().inLayout(layout)
        #expect(graph.inputs[0].elementType == type && graph.outputs[0].elementType == type)
      }
      return try ReferenceEngine().outputs(
        of: builder.finish(), inputs: [Tensor(shape: [3], values: values)])[0].values
    }
    #expect(try given(.float16, [1.7, -2.5, 0.1]) == [1.7, -2.5, 0.1])
    #expect(try given(.int32, [1.7, -2.5, 0.1]) == [1, -2, 0])
    #expect(try given(.int8, [127.5, -128.5, -0.5]) == [127, -128, 0])
    #expect(try given(.bool, [1.7, 0, -0.1]) == [1, 0, 1])
    for (type, wrong) in [
      (ElementType.uint8, -1), (.uint8, 256), (.int8, 128), (.int64, 0x1p63), (.int32, .nan),
      (.uint16, .infinity),
    ] as [(ElementType, Float)] {
      let error = try failure { try given(type, [0, wrong, 0]) }
      #expect(error.kind == .damaged && error.places == [.path("x")])
    }
  }

  @Test func refusesInputsThatDoNotFit() throws {
    let graph = try chain()
    func failure(_ inputs: [Tensor], limit: Int? = nil) -> ModelFileError.Kind? {
      do {
        _ = try ReferenceEngine(memoryLimit: limit).outputs(of: graph, inputs: inputs)
        return nil
      } catch {
        return error.kind
      }
    }
    let good = Tensor(shape: [3, 2], values: [1, 2, 3, 4, 5, 6])
    #expect(failure([good]) == nil)
    #expect(failure([]) == .usage)
    #expect(failure([Tensor(shape: [3], values: [1, 2, 3])]) == .damaged)
    #expect(failure([Tensor(shape: [0, 2], values: [])]) == .damaged)
    #expect(failure([good], limit: 71) == .damaged)
    #expect(failure([good], limit: 72) == nil)
  }

  @Test func namesTheLayerOfAnUnknownOperation() throws {
    let error = #expect(throws: ModelFileError.self) {
      _ = try values(of: Odd(), on: [1], [1])
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.places == [.layer(index: 0, type: "test")])
  }

  @Test func namesTheArrayThatIsMissing() throws {
    let weights = Parameter("weights", of: "connected_0", role: .weights, shape: [1, 1])
    let error = #expect(throws: ModelFileError.self) {
      _ = try values(of: FullyConnected(weights: weights, biases: nil), on: [1], [1])
    }
    #expect(error?.kind == .damaged)
    #expect(error?.places == [.layer(index: 0, type: "test"), .array("weights")])
  }

  @Test(
    arguments: [
      (.float16, [0, 0x3C, 0, 0xC0]), (.bfloat16, [0x80, 0x3F, 0, 0xC0]), (.int8, [1, 0xFE]),
      (.float64, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]),
      (.int32, [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF]),
    ] as [(ElementType, [UInt8])])
  func parametersOfOtherTypes(_ type: ElementType, _ bytes: [UInt8]) throws {
    let weights = Parameter(
      "weights", of: "x", role: .weights, shape: [2, 1], elementType: type,
      source: MemorySource(bytes: bytes))
    let operation = FullyConnected(weights: weights, biases: nil)
    #expect(try values(of: operation, on: [1], [1]) == [1, -2])
  }

  @Test func parametersOfAnotherShapeAreRefused() throws {
    let none = Padding(before: 0, after: 0)
    let window = Window(size: [1, 1], strides: [1, 1], padding: [none, none])
    let convolution = Convolution(
      window: window, groups: 1, weights: Parameter(.weights, [1, 3, 1, 1], [1, 1, 1]),
      biases: nil)
    let statistics = Parameter(.rollingMean, [3], [1, 1, 1])
    let normalization = BatchNormalization(
      divisor: .rootOfSum(epsilon: 1e-5), scales: nil, biases: nil, mean: statistics,
      variance: statistics)
    for operation in [convolution, normalization] as [any ModelGraph.Operation] {
      let error = #expect(throws: ModelFileError.self) {
        _ = try values(of: operation, on: [2, 1, 1], [1, 1])
      }
      #expect(error?.kind == .damaged)
    }
  }

  @Test func parametersAreReadThroughTheirView() throws {
    let weights = Parameter(
      "weights", of: "x", role: .weights, shape: [2, 3],
      view: StridedView(contiguous: [3, 2]).permuted([1, 0]),
      source: MemorySource([1, 4, 2, 5, 3, 6]))
    let operation = FullyConnected(weights: weights, biases: nil)
    #expect(try values(of: operation, on: [3], [100, 10, 1]) == [123, 456])
  }
}
