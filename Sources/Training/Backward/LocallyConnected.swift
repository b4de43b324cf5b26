import FileSupport
import ModelGraph

extension LocallyConnected: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Of `z[o, p] = Σ_r w[p, o, r] col[r, p] + b[o, p]`: `∂b[o, p] = δ[o, p]`,
  /// `∂w[p, o, r] = δ[o, p] col[r, p]`, `δ_col[r, p] = Σ_o w[p, o, r] δ[o, p]` (`local_layer.c`).
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let x = step.inputs[0]
    let (filters, height, width) = step.output.image
    let columns = try Columns(window, image: x.image, places: (height, width))
    let w = step.parameters.values(of: weights)
    let (places, rows) = (columns.count, columns.rows)
    step.accumulateSums(for: biases)
    var below = [Double](repeating: 0, count: x.values.count)
    step.parameters.withUpdates(of: weights) { updates in
      for sample in 0..<x.batch {
        let matrix = columns.matrix(of: x.values, at: sample * x.sampleCount)
        var cells = [Double](repeating: 0, count: matrix.count)
        for o in 0..<filters {
          for p in 0..<places {
            let kernel = (p * filters + o) * rows
            let delta = step.delta[(sample * filters + o) * places + p]
            for r in 0..<rows {
              updates[kernel + r] += delta * matrix[r * places + p]
              cells[r * places + p] += delta * w[kernel + r]
            }
          }
        }
        columns.scatter(cells, into: &below, at: sample * x.sampleCount)
      }
    }
    return [below]
  }
}
