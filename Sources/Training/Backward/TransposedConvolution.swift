import FileSupport
import ModelGraph

extension TransposedConvolution: BackwardKernel {
  /// `col = wᵀ x`, summed into the cells of the result, plus *b*; backward `∂b[o] = Σ_p δ[o, p]`,
  /// `∂w = x col(δ)ᵀ`, `δ_x = w col(δ)` (`deconvolutional_layer.c`). *w* is `[in, out · cells]` here.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let image = x.image
    try window.requireTwoAxes()
    let columns = Columns(
      window: window, image: pass.image, places: (image.height, image.width))
    let w = pass.parameters.values(of: weights)
    let b = pass.parameters.values(of: biases)
    let count = pass.shape.elementCount
    let area = pass.image.height * pass.image.width
    var z = [Double](repeating: 0, count: x.batch * count)
    if let b { for index in z.indices { z[index] = b[index / area % b.count] } }
    let kernels = MatrixView(rowStride: columns.rows)
    let matrix = MatrixView(rowStride: columns.count)
    for sample in 0..<x.batch {
      var cells = [Double](repeating: 0, count: columns.rows * columns.count)
      pass.products.add(
        rows: columns.rows, inner: image.channels, columns: columns.count,
        w, kernels.transposed, x.numbers,
        MatrixView(start: sample * x.sampleCount, rowStride: columns.count), to: &cells, matrix)
      columns.scatter(cells, into: &z, at: sample * count)
    }
    return (
      z,
      { step in
        let planes = ChannelPlanes(step.output)
        step.parameters.accumulate(planes.sums { step.delta[$0] }, for: biases)
        var below = [Double](repeating: 0, count: x.numbers.count)
        step.parameters.withUpdates(of: weights) { updates in
          for sample in 0..<x.batch {
            let place = MatrixView(start: sample * x.sampleCount, rowStride: columns.count)
            let cells = columns.matrix(of: step.delta, at: sample * count)
            pass.products.addDots(
              rows: image.channels, inner: columns.count, columns: columns.rows,
              x.numbers, place, cells, matrix, to: &updates, kernels)
            pass.products.add(
              rows: image.channels, inner: columns.rows, columns: columns.count,
              w, kernels, cells, matrix, to: &below, place)
          }
        }
        return [below]
      }
    )
  }
}
