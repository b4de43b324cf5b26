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
    // The cells under the window at each place: where in the kernel, and where in a plane of the image.
    let taps = (0..<(height * width)).map { place in
      (0..<kernel).compactMap { k -> (weight: Int, cell: Int)? in
        guard let y = rows.cell(at: place / width, k / columns.size),
          let x = columns.cell(at: place % width, k % columns.size)
        else { return nil }
        return (k, y * input[3] + x)
      }
    }
    return node.imageResult(
      node.workers.fill(parts: node.batch * channels, of: height * width) { part, run in
        let (sample, channel) = part.quotientAndRemainder(dividingBy: channels)
        for (place, taps) in taps.enumerated() {
          var sum = Double(biases[channel * height * width + place])
          for i in 0..<input[1] {
            let plane = (sample * input[1] + i) * input[2] * input[3]
            let first = ((place * channels + channel) * input[1] + i) * kernel
            for tap in taps {
              sum += Double(image.values[plane + tap.cell]) * Double(weights[first + tap.weight])
            }
          }
          run[place] = Scalar(sum)
        }
      })
  }
}
