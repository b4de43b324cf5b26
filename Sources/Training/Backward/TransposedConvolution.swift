import FileSupport
import ModelGraph

extension TransposedConvolution: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `col = wᵀ x`, summed into the cells of the result, plus *b*: `∂b[o] = Σ_p δ[o, p]`,
  /// `∂w = x col(δ)ᵀ`, `δ_x = w col(δ)` (`deconvolutional_layer.c`). *w* is `[in, out · cells]` here.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let x = step.inputs[0]
    let image = x.image
    let columns = try Columns(
      window, image: step.output.image, places: (image.height, image.width))
    let (w, products) = (step.parameters.values(of: weights), step.pass.products)
    let kernels = MatrixView(rowStride: columns.rows)
    let matrix = MatrixView(rowStride: columns.count)
    step.parameters.accumulate(ChannelPlanes(step.output).sums { step.delta[$0] }, for: biases)
    var below = [Double](repeating: 0, count: x.values.count)
    step.parameters.withUpdates(of: weights) { updates in
      for sample in 0..<x.batch {
        let place = MatrixView(start: sample * x.sampleCount, rowStride: columns.count)
        let cells = columns.matrix(of: step.delta, at: sample * step.output.sampleCount)
        products.addDots(
          rows: image.channels, inner: columns.count, columns: columns.rows,
          x.values, place, cells, matrix, to: &updates, kernels)
        products.add(
          rows: image.channels, inner: columns.rows, columns: columns.count,
          w, kernels, cells, matrix, to: &below, place)
      }
    }
    return [below]
  }
}
