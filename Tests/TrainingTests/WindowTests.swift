import FileSupport
import Inference
import ModelGraph
import Testing

@testable import Training

/// What can be trained of operations that work over any axes.
@Suite struct WindowTests {
  private static let none = Padding(before: 0, after: 0)

  /// A network of one operation without offsets, whose weights are 1, 2, …
  private func network(
    _ input: Shape, _ operation: (Parameter) -> any ModelGraph.Operation, kernel: Shape
  ) throws -> TrainedNetwork {
    let weights = Parameter(
      "w", of: "layer", role: .weights, shape: kernel,
      source: MemorySource((1...kernel.elementCount).map(Float.init)))
    var builder = GraphBuilder(layout: .channelsFirst)
    let source = try builder.input(name: "input", shape: input)
    builder.layer = LayerReference(index: 0, name: "layer", type: "tested")
    builder.output(
      try builder.add(operation(weights), name: "operation", inputs: [source]), named: "output")
    // The options of any plan for one sample.
    let shop = try Workshop("[net]\nbatch=1\ninputs=1\n[connected]\noutput=1\n[cost]\n")
    let plan = TrainingPlan(
      graph: builder.finish(), layers: [], losses: [], options: shop.plan.options)
    return try TrainedNetwork(plan, engine: .reference, threads: 1, seed: 1)
  }

  @Test func transposedConvolutionsOfAnyCrop() throws {
    let trained = try network(
      [2, 3, 2],
      {
        TransposedConvolution(
          strides: [3, 1], dilation: [1, 2],
          crop: [Padding(before: 1, after: -2), Padding(before: 0, after: 1)], weights: $0,
          biases: nil)
      }, kernel: [2, 3, 2, 2])
    let x = (0..<12).map { Double($0 * 7 % 11) - 5 }
    let pass = try trained.forward(x: x, y: [], seen: 1, number: 0)
    let y = pass.values[1]
    let engine = try ReferenceEngine().outputs(
      of: trained.plan.graph, inputs: [Tensor(shape: [1, 2, 3, 2], values: x.map { Float($0) })])
    #expect(y.sample == [3, 9, 3])
    #expect(y.values == engine[0].values.map(Double.init))
    // y = A x, so ⟨y, δ⟩ = ⟨x, Aᵀ δ⟩; and y is linear in w too.
    let delta = y.values.indices.map { Double($0 * 5 % 7) - 3 }
    let below = try #require(
      pass.steps[1].back(
        BackwardStep(pass: pass.steps[1].pass, output: y, delta: delta, wants: [true]))[0])
    let product = zip(y.values, delta).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(zip(x, below).reduce(0) { $0 + $1.0 * $1.1 } == product)
    let slot = try #require(trained.parameters["layer.w"])
    #expect(zip(slot.values, slot.updates).reduce(0) { $0 + $1.0 * $1.1 } == product)
  }

  @Test func sequencesAndVolumesAreRefused() throws {
    let row = Window(size: [2], strides: [1], padding: [Self.none])
    let error = #expect(throws: ModelFileError.self) {
      _ = try network(
        [2, 4], { Convolution(window: row, groups: 1, weights: $0, biases: nil) },
        kernel: [3, 2, 2])
    }
    #expect(error?.kind == .unsupported)
    let cube = Window(
      size: [2, 2, 2], strides: [1, 1, 1], padding: [Self.none, Self.none, Self.none])
    let second = #expect(throws: ModelFileError.self) {
      _ = try network([2, 4, 4, 4], { _ in Pooling(.maximum, window: cube) }, kernel: [1])
    }
    #expect(second?.kind == .unsupported)
  }

  /// A vector is a value that can be trained, but windows without axes are not.
  @Test func windowsWithoutAxesAreRefused() throws {
    let point = Window(size: [], strides: [], padding: [])
    let operations: [(Parameter) -> any ModelGraph.Operation] = [
      { Convolution(window: point, groups: 1, weights: $0, biases: nil) },
      { TransposedConvolution(strides: [], crop: [], weights: $0, biases: nil) },
      { _ in Pooling(.average, window: point) },
    ]
    for operation in operations {
      let trained = try network([2], operation, kernel: [2, 2])
      let error = #expect(throws: ModelFileError.self) {
        let pass = try trained.forward(x: [1, 2], y: [], seen: 1, number: 0)
        _ = try trained.back(trained.plan.graph.nodes[1], pass, [1, 2])
      }
      #expect(error?.kind == .unsupported)
      #expect(error?.places == [.layer(index: 0, type: "tested")])
    }
  }
}
