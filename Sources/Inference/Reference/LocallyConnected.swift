import FileSupport
import ModelGraph

extension LocallyConnected: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let input = image.shape.extents
    let (channels, height, width) = node.imageShape
    let axes = WindowAxes(window, image: [input[2], input[3]])
    let (rows, columns) = (axes.height, axes.width)
    let weights = try node.values(
      of: weights, shape: Shape([height * width, channels, input[1]] + window.size))
    let biases = try node.values(of: biases, shape: [channels, height, width])
    let kernel = rows.size * columns.size
    return node.imageResult(
      node.workers.fill(parts: node.batch * channels, of: height * width) { part, run in
        let (sample, channel) = part.quotientAndRemainder(dividingBy: channels)
        for place in 0..<(height * width) {
          var sum = Double(biases[channel * height * width + place])
          for i in 0..<input[1] {
            let plane = (sample * input[1] + i) * input[2]
            let first = ((place * channels + channel) * input[1] + i) * kernel
            for k in 0..<kernel {
              guard let y = rows.cell(at: place / width, k / columns.size),
                let x = columns.cell(at: place % width, k % columns.size)
              else { continue }
              sum += Double(image.values[(plane + y) * input[3] + x]) * Double(weights[first + k])
            }
          }
          run[place] = Scalar(sum)
        }
      })
  }
}
