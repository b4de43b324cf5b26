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
protocol MovingKernel: BackwardKernel {}

extension MovingKernel {
  /// `y[i] = x[p(i)]`; backward `δ_x[p(i)] += δ[i]`. The places *p* are those of the engine's kernel.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let places = try movedPositions(input: x.sample, output: pass.shape)
    return (
      places.moved(x.numbers, from: x.sampleCount, scale: 1),
      { step in [places.returned(step.delta, to: x.sampleCount, scale: 1)] }
    )
  }
}

extension Crop: MovingKernel {}
extension ChannelSlice: MovingKernel {}
extension Interleaving: MovingKernel {}
extension SpaceToDepth: MovingKernel {}

extension Upsampling: BackwardKernel {
  /// `y = scale · x` of the cell above; backward `δ_x = scale · Σ δ` over its block (`upsample_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let places = try Upsampling(factor: factor, scale: 1)
      .movedPositions(input: x.sample, output: pass.shape)
    return (
      places.moved(x.numbers, from: x.sampleCount, scale: scale),
      { step in [places.returned(step.delta, to: x.sampleCount, scale: scale)] }
    )
  }
}

extension BlockSum: BackwardKernel {
  /// `y = scale · Σ x` over a block; backward `δ_x = scale · δ` of the block.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let (height, width) = (pass.image.height, pass.image.width)
    guard height * factor == x.image.height, width * factor == x.image.width else {
      throw ModelFileError(
        .unsupported, "blocks that divide the image unevenly can't be trained through")
    }
    let places = try Upsampling(factor: factor, scale: 1)
      .movedPositions(input: pass.shape, output: x.sample)
    let count = pass.shape.elementCount
    return (
      places.returned(x.numbers, to: count, scale: scale),
      { step in [places.moved(step.delta, from: count, scale: scale)] }
    )
  }
}

extension [Int] {
  /// `scale · x[self[i]]` for each sample of `count` numbers.
  fileprivate func moved(_ x: [Double], from count: Int, scale: Double) -> [Double] {
    stride(from: 0, to: x.count, by: Swift.max(count, 1)).flatMap { start in
      map { scale * x[start + $0] }
    }
  }

  /// The transpose: `scale · Σ y[i]` over the *i* that come from a place.
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
