import FileSupport
import ModelGraph

extension Pooling: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let axes = WindowAxes(window, image: Array(image.shape.extents.dropFirst(2)))
    let result = node.channelsFirstShape.extents
    let (depth, height, width) = Array(result.dropFirst()).inThreeAxes
    let columns = (0..<width).map { axes.width.cells(at: $0) }
    let rule = rule
    return node.imageResult(
      node.workers.fill(parts: node.batch * result[0], of: depth * height * width) {
        part, run in
        for row in 0..<(depth * height) {
          let slices = axes.depth.cells(at: row / height)
          let rows = axes.height.cells(at: row % height)
          let firstPlane = part * axes.depth.extent + slices.first
          let firstLine = firstPlane * axes.height.extent + rows.first
          let lineStep = rows.step * axes.width.extent
          let planeStep = slices.step * axes.height.extent * axes.width.extent
          for (column, cells) in columns.enumerated() {
            var largest = -Scalar(Float.greatestFiniteMagnitude)
            var sum = 0.0
            var plane = firstLine * axes.width.extent + cells.first
            for _ in 0..<slices.count {
              var line = plane
              for _ in 0..<rows.count {
                var cell = line
                for _ in 0..<cells.count {
                  let value = image.values[cell]
                  if value > largest { largest = value }
                  sum += Double(value)
                  cell += cells.step
                }
                line += lineStep
              }
              plane += planeStep
            }
            let count = Double(slices.count * rows.count * cells.count)
            run[row * width + column] = rule == .maximum ? largest : Scalar(sum / count)
          }
        }
      })
  }
}

extension ChannelMaximum: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let channels = image.shape.extents[1]
    let area = image.shape.extents[2] * image.shape.extents[3]
    let outputs = outputs
    return node.imageResult(
      node.workers.fill(parts: node.batch * outputs, of: area) { part, run in
        let (sample, channel) = part.quotientAndRemainder(dividingBy: outputs)
        for pixel in 0..<area {
          var largest = -Scalar(Float.greatestFiniteMagnitude)
          for source in stride(from: channel, to: channels, by: outputs) {
            largest = max(largest, image.values[(sample * channels + source) * area + pixel])
          }
          run[pixel] = largest
        }
      })
  }
}
