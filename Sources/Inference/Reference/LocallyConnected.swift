import FileSupport
import ModelGraph

extension LocallyConnected: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let image = context.image(inputs[0])
    let input = image.shape.extents
    let (channels, height, width) = context.imageShape
    let window = window
    let weights = try context.values(
      of: weights, shape: Shape([height * width, channels, input[1]] + window.size))
    let biases = try context.values(of: biases, shape: [channels, height, width])
    let kernel = window.size[0] * window.size[1]
    return context.imageResult(
      context.workers.fill(parts: context.batch * channels, of: height * width) { part, run in
        let (sample, channel) = part.quotientAndRemainder(dividingBy: channels)
        for place in 0..<(height * width) {
          var sum = Double(biases[channel * height * width + place])
          for i in 0..<input[1] {
            let plane = (sample * input[1] + i) * input[2]
            let first = ((place * channels + channel) * input[1] + i) * kernel
            for k in 0..<kernel {
              let y = window.cell(axis: 0, at: place / width, k / window.size[1])
              let x = window.cell(axis: 1, at: place % width, k % window.size[1])
              guard y >= 0, y < input[2], x >= 0, x < input[3] else { continue }
              sum += Double(image.values[(plane + y) * input[3] + x]) * Double(weights[first + k])
            }
          }
          run[place] = Float(sum)
        }
      })
  }
}
