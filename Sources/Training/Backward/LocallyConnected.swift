import FileSupport
import ModelGraph

extension LocallyConnected: BackwardKernel {
  /// `z[o, p] = Σ_r w[p, o, r] col[r, p] + b[o, p]`; backward `∂b[o, p] = δ[o, p]`,
  /// `∂w[p, o, r] = δ[o, p] col[r, p]`, `δ_col[r, p] = Σ_o w[p, o, r] δ[o, p]` (`local_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let (filters, height, width) = pass.image
    let columns = Columns(window: window, image: x.image, places: (height, width))
    let w = pass.parameters.values(of: weights)
    let b = pass.parameters.values(of: biases)
    let (places, rows) = (columns.count, columns.rows)
    var z: [Double] = []
    for sample in 0..<x.batch {
      let matrix = columns.matrix(of: x.numbers, at: sample * x.sampleCount)
      for o in 0..<filters {
        for p in 0..<places {
          let kernel = (p * filters + o) * rows
          var sum = b[o * places + p]
          for r in 0..<rows { sum += w[kernel + r] * matrix[r * places + p] }
          z.append(sum)
        }
      }
    }
    return (
      z,
      { step in
        var offsets = [Double](repeating: 0, count: b.count)
        for (index, delta) in step.delta.enumerated() { offsets[index % b.count] += delta }
        step.parameters.accumulate(offsets, for: biases)
        var below = [Double](repeating: 0, count: x.numbers.count)
        step.parameters.withUpdates(of: weights) { updates in
          for sample in 0..<x.batch {
            let matrix = columns.matrix(of: x.numbers, at: sample * x.sampleCount)
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
    )
  }
}
