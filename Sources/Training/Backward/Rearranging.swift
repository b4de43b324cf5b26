import FileSupport
import Inference
import ModelGraph

extension ModelGraph.Operation {
  /// The position in a sample of the input, for every number of a sample of the output, of an operation that
  /// only moves numbers: found by sending the positions themselves through the reference kernel.
  fileprivate func movedPositions(input: Shape, output: Shape) throws(ModelFileError) -> [Int] {
    let positions = TensorOf(
      shape: Shape([1] + input.extents), values: (0..<input.elementCount).map(Double.init))
    return try Double.value(
      of: self,
      KernelContext(
        inputs: [positions], layout: .channelsFirst, shape: output, threads: 1,
        numbers: { _ in [] })
    ).values.map { Int($0) }
  }
}

/// An operation that moves numbers, each number of the result being one of its input, or a constant.
protocol MovingKernel: PullbackKernel {
  /// The operation with which positions are sent: it puts −1 where a constant stands.
  var tracer: Self { get }
}

extension MovingKernel {
  var tracer: Self { self }

  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `y[i] = x[p(i)]`: `δ_x[p(i)] += δ[i]`. The places *p* are those of the engine's kernel.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let places = try tracer.movedPositions(input: step.inputs[0].sample, output: step.output.sample)
    let count = step.inputs[0].sampleCount
    var below = [Double](repeating: 0, count: step.inputs[0].values.count)
    for sample in 0..<step.output.batch {
      for (index, place) in places.enumerated() where place >= 0 {
        below[sample * count + place] += step.delta[sample * places.count + index]
      }
    }
    return [below]
  }
}

extension Slice: MovingKernel {}
extension Repeat: MovingKernel {}
extension Interleaving: MovingKernel {}
extension SpaceToDepth: MovingKernel {}

extension Pad: MovingKernel {
  var tracer: Pad { Pad(margins: margins, value: -1) }
}

extension BlockSum: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `y = scale · Σ x` over a block: `δ_x = scale · δ` of the block.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let (x, y) = (step.inputs[0].image, step.output.image)
    guard y.height * factor == x.height, y.width * factor == x.width else {
      throw ModelFileError(
        .unsupported, "blocks that divide the image unevenly can't be trained through")
    }
    let enlarged = KernelContext(
      inputs: [TensorOf(shape: step.output.shape, values: step.delta)], layout: .channelsFirst,
      shape: step.inputs[0].sample, threads: step.pass.products.threads, numbers: { _ in [] })
    let repetition = Repeat(counts: [1, factor, factor])
    return [try Double.value(of: repetition, enlarged).values.map { scale * $0 }]
  }
}
