import FileSupport
import ModelGraph

extension Convolution: BackwardKernel {
  /// `z[o, p] = Σ w[o, r] col[r, p] + b[o]` over the columns of each group; backward
  /// `∂b[o] = Σ_p δ[o, p]`, `∂w = δ colᵀ`, `δ_col = wᵀ δ`, summed into the cells
  /// (`convolutional_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    try window.requireTwoAxes()
    let x = inputs[0]
    let extents = GroupExtents(self, input: x, output: pass.image)
    let w = pass.parameters.values(of: weights)
    let b = pass.parameters.values(of: biases)
    var z = [Double](repeating: 0, count: x.batch * pass.shape.elementCount)
    if let b {
      let area = extents.columns.count
      for index in z.indices { z[index] = b[index / area % b.count] }
    }
    extents.forEachGroup(batch: x.batch) { group, input, output in
      let matrix = extents.columns.matrix(of: x.numbers, at: input)
      pass.products.add(
        rows: extents.filters, inner: extents.columns.rows, columns: extents.columns.count,
        w, extents.kernels(group), matrix, extents.matrixView, to: &z, extents.place(output))
    }
    return (
      z,
      { step in
        let planes = ChannelPlanes(step.output)
        step.parameters.accumulate(planes.sums { step.delta[$0] }, for: biases)
        var below =
          step.wants[0] ? [Double](repeating: 0, count: x.numbers.count) : []
        step.parameters.withUpdates(of: weights) { updates in
          extents.forEachGroup(batch: x.batch) { group, input, output in
            let matrix = extents.columns.matrix(of: x.numbers, at: input)
            pass.products.addDots(
              rows: extents.filters, inner: extents.columns.count,
              columns: extents.columns.rows, step.delta, extents.place(output),
              matrix, extents.matrixView, to: &updates, extents.kernels(group))
            guard step.wants[0] else { return }
            var cells = [Double](repeating: 0, count: matrix.count)
            pass.products.add(
              rows: extents.columns.rows, inner: extents.filters,
              columns: extents.columns.count, w, extents.kernels(group).transposed,
              step.delta, extents.place(output), to: &cells, extents.matrixView)
            extents.columns.scatter(cells, into: &below, at: input)
          }
        }
        return [step.wants[0] ? below : nil]
      }
    )
  }
}

/// Where the groups of a convolution lie in images, kernels and results.
private struct GroupExtents {
  /// The cells that one group sees.
  let columns: Columns
  /// Filters of one group.
  let filters: Int
  private let groups: Int

  init(
    _ convolution: Convolution, input: BatchValues,
    output: (channels: Int, height: Int, width: Int)
  ) {
    let image = input.image
    groups = convolution.groups
    filters = output.channels / groups
    columns = Columns(
      window: convolution.window,
      image: (image.channels / groups, image.height, image.width),
      places: (output.height, output.width))
  }

  /// The matrix of columns.
  var matrixView: MatrixView { MatrixView(rowStride: columns.count) }

  /// The kernels of a group, a filter in each row.
  func kernels(_ group: Int) -> MatrixView {
    MatrixView(start: group * filters * columns.rows, rowStride: columns.rows)
  }

  /// The values of a group, a filter in each row.
  func place(_ start: Int) -> MatrixView { MatrixView(start: start, rowStride: columns.count) }

  /// Calls `body` for each group of each sample with the place of its input and its output.
  func forEachGroup(batch: Int, _ body: (_ group: Int, _ input: Int, _ output: Int) -> Void) {
    let cells = columns.image.channels * columns.image.height * columns.image.width
    for part in 0..<(batch * groups) {
      body(part % groups, part * cells, part * filters * columns.count)
    }
  }
}
