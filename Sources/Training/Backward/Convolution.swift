import FileSupport
import Inference
import ModelGraph

extension Convolution: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `z[o, p] = Σ w[o, r] col[r, p] + b[o]` over the columns of each group: `∂b[o] = Σ_p δ[o, p]`,
  /// `∂w = δ colᵀ`, `δ_col = wᵀ δ`, summed into the cells (`convolutional_layer.c`).
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let x = step.inputs[0]
    let extents = try GroupExtents(self, input: x, output: step.output)
    let (w, products) = (step.parameters.values(of: weights), step.pass.products)
    step.parameters.accumulate(ChannelPlanes(step.output).sums { step.delta[$0] }, for: biases)
    var below = [Double](repeating: 0, count: step.wants[0] ? x.values.count : 0)
    step.parameters.withUpdates(of: weights) { updates in
      extents.forEachGroup(batch: x.batch) { group, input, output in
        let matrix = extents.columns.matrix(of: x.values, at: input)
        products.addDots(
          rows: extents.filters, inner: extents.columns.count,
          columns: extents.columns.rows, step.delta, extents.place(output),
          matrix, extents.matrixView, to: &updates, extents.kernels(group))
        guard step.wants[0] else { return }
        var cells = [Double](repeating: 0, count: matrix.count)
        products.add(
          rows: extents.columns.rows, inner: extents.filters,
          columns: extents.columns.count, w, extents.kernels(group).transposed,
          step.delta, extents.place(output), to: &cells, extents.matrixView)
        extents.columns.scatter(cells, into: &below, at: input)
      }
    }
    return [step.wants[0] ? below : nil]
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
    _ convolution: Convolution, input: TensorOf<Double>, output: TensorOf<Double>
  ) throws(ModelFileError) {
    let (image, output) = (input.image, output.image)
    groups = convolution.groups
    filters = output.channels / groups
    columns = try Columns(
      convolution.window,
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
