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

/// An operation that moves numbers, each number of the result being one of its input.
protocol MovingKernel: PullbackKernel {}

extension MovingKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `y[i] = x[p(i)]`: `δ_x[p(i)] += δ[i]`. The places *p* are those of the engine's kernel.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let places = try movedPositions(input: step.inputs[0].sample, output: step.output.sample)
    return [places.returned(step.delta, to: step.inputs[0].sampleCount, scale: 1)]
  }
}

extension Crop: MovingKernel {}
extension ChannelSlice: MovingKernel {}
extension Interleaving: MovingKernel {}
extension SpaceToDepth: MovingKernel {}

extension Upsampling: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `y = scale · x` of the cell above: `δ_x = scale · Σ δ` over its block (`upsample_layer.c`).
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let places = try Upsampling(factor: factor, scale: 1)
      .movedPositions(input: step.inputs[0].sample, output: step.output.sample)
    return [places.returned(step.delta, to: step.inputs[0].sampleCount, scale: scale)]
  }
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
    return [try Double.value(of: Upsampling(factor: factor, scale: scale), enlarged).values]
  }
}

extension [Int] {
  /// `scale · Σ y[i]` over the *i* that come from a place.
  fileprivate func returned(_ y: [Double], to count: Int, scale: Double) -> [Double] {
    let samples = y.count / Swift.max(self.count, 1)
    var result = [Double](repeating: 0, count: samples * count)
    for sample in 0..<samples {
      for (index, place) in enumerated() {
        result[sample * count + place] += scale * y[sample * self.count + index]
      }
    }
    return result
  }
}
